import { EXTRA_NAMES, EXTRAS, type Extra } from '../bare/extras.ts';
import { startBareServers } from '../bare/start.ts';
import type { Figure } from '../harness/figure.ts';
import { FEW, runBare } from './bare.ts';
import type { Scenario } from './scope.ts';

const MEASURE_MS = 5_000;

const withOne: readonly Line[] = [
  { name: 'price-none', title: 'the bare shape', extras: [] },
  ...EXTRA_NAMES.map((extra) => ({
    name: `price-${extra}`,
    title: `with ${EXTRAS[extra]}`,
    extras: [extra],
  })),
];
const withoutOne: readonly Line[] = [
  { name: 'price-all', title: 'the whole', extras: EXTRA_NAMES },
  ...EXTRA_NAMES.map((extra) => ({
    name: `price-all-but-${extra}`,
    title: `without ${EXTRAS[extra]}`,
    extras: EXTRA_NAMES.filter((other) => other !== extra),
  })),
];

interface Line {
  readonly name: string;
  readonly title: string;
  readonly extras: readonly Extra[];
}

/** Measures the cost of each extra: alone beside the bare shape, and missing from the whole. */
export const prices: Scenario = {
  name: 'prices',
  about: `the bare shape with each of ${EXTRA_NAMES.length} extras alone, and with all but each: about ten minutes`,
  extra: 'named',
  async run(scope) {
    await scope.services.want({ ledgers: 0, gateways: 0 });
    await using servers = await startBareServers(scope.stage);
    const figures: Figure[] = [];
    for (const [group, lines] of [
      ['prices-alone', withOne],
      ['prices-missing', withoutOne],
    ] as const) {
      let base: Figure | undefined;
      for (const line of lines) {
        const figure = await runBare(scope, servers, { ...line, group, load: FEW, measureMs: MEASURE_MS });
        base ??= figure;
        const note = figure === base ? [] : [differenceOf(figure, base)];
        figures.push({ ...figure, notes: [...figure.notes, ...note] });
        scope.progress(`${line.name}: ${note[0] ?? `${Math.round(cpuOf(figure))} µs of CPU a sale`}`);
      }
    }
    return figures;
  },
};

/** Microseconds a sale, over all processes but the generator. */
function cpuOf({ cpuUsPerCharge = {} }: Figure): number {
  const { generator: _, ...parts } = cpuUsPerCharge;
  return Object.values(parts).reduce((sum, us) => sum + us, 0);
}

function differenceOf(figure: Figure, base: Figure): string {
  const parts = (['gateway', 'ledger', 'nats', 'postgres', 'redis'] as const).map((part) => {
    const us = (figure.cpuUsPerCharge?.[part] ?? 0) - (base.cpuUsPerCharge?.[part] ?? 0);
    return `${part} ${signed(us)}`;
  });
  return `${signed(cpuOf(figure) - cpuOf(base))} µs: ${parts.join(', ')}`;
}

const signed = (us: number) => `${us < 0 ? '−' : '+'}${Math.abs(us).toFixed(0)}`;
