import type { Figure } from '../harness/figure.ts';
import { type Bar, stackedBars } from './bars.ts';
import type { Results } from './results.ts';

const SHOWN_CPU = [
  'http-128',
  'hot',
  'window',
  'bulk',
  'drain',
  'naive',
  'naive-hot',
  'locked',
  'locked-hot',
];
const SHOWN_TIME = ['http-1', 'http-16', 'http-128', 'http-512', 'hot', 'open-1000', 'open-3000'];

export interface Picture {
  readonly file: string;
  readonly alt: string;
  readonly svg: string;
}

/** Where a charge's time and CPU go. */
export function picturesOf({ figures, profiles }: Results): Picture[] {
  const sound = new Map(
    figures.filter(({ discrepancies }) => discrepancies.length === 0).map((one) => [one.scenario, one]),
  );
  const pick = (names: readonly string[]) => names.flatMap((name) => sound.get(name) ?? []);
  const total = (parts: Readonly<Record<string, number>>) =>
    Object.values(parts).reduce((sum, part) => sum + part, 0);
  const bar = (title: string, unit: string, parts: Readonly<Record<string, number>>): Bar => ({
    title,
    parts,
    total: `${total(parts).toFixed(unit === 'ms' ? 1 : 0)} ${unit}`,
  });
  const cpu = pick(SHOWN_CPU).map((figure) => bar(figure.scenario, 'µs', figure.cpuUsPerCharge ?? {}));
  const time = pick(SHOWN_TIME)
    .filter(({ timeMs }) => timeMs)
    .map((figure) => bar(figure.scenario, 'ms', namedTimes(figure)));
  const stages = profiles.map(({ process, stages: parts }) => bar(process, 'µs', parts));
  const picture = (file: string, alt: string, unit: string, bars: readonly Bar[]): Picture[] =>
    bars.length === 0 ? [] : [{ file, alt, svg: stackedBars(alt, unit, bars) }];
  return [
    ...picture('benchmarks-cpu.svg', 'CPU of a charge by process (µs)', 'µs', cpu),
    ...picture('benchmarks-time.svg', 'Mean time of a sale over HTTP (ms)', 'ms', time),
    ...picture('benchmarks-profile.svg', 'CPU of gateway and ledger by stage (µs a charge)', 'µs', stages),
  ];
}

const namedTimes = ({ timeMs }: Figure): Record<string, number> => ({
  'sockets, and waiting for the gateway': timeMs!.outside,
  'validation, log, gathering, reply': timeMs!.way,
  "the ledger's batch: statements and commit": timeMs!.batch,
});
