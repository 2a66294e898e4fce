import type { Figure } from '../harness/figure.ts';
import { PARTS } from '../harness/meter.ts';
import type { Variant } from './variants.ts';

/** One load of one turn. */
export interface AbTurn {
  readonly round: number;
  readonly label: Variant['label'];
  readonly load: string;
  readonly figure: Figure;
}

export interface AbRow {
  readonly name: string;
  readonly a: Spread;
  readonly b: Spread;
  /** b over a, round by round. */
  readonly ratio: Spread;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

const rateOf = (figure: Figure) => figure.drainedPerS ?? figure.outcomesPerS;

/** Microseconds a charge over all processes but the generator; undefined if none was measured. */
function cpuOf({ cpuUsPerCharge }: Figure): number | undefined {
  if (!cpuUsPerCharge) return undefined;
  const { generator: _, ...parts } = cpuUsPerCharge;
  return Object.values(parts).reduce((sum, us) => sum + us, 0);
}

const QUANTITIES: readonly { name: string; of(figure: Figure): number | undefined }[] = [
  { name: 'rate /s', of: rateOf },
  { name: 'p50 ms', of: (figure) => figure.latencyMs?.p50 },
  { name: 'p99 ms', of: (figure) => figure.latencyMs?.p99 },
  { name: 'CPU µs', of: cpuOf },
  ...PARTS.map((part) => ({ name: `  ${part} µs`, of: (figure: Figure) => figure.cpuUsPerCharge?.[part] })),
  { name: 'charges a batch', of: (figure) => figure.chargesPerBatch },
  { name: 'NATS in', of: (figure) => figure.natsInPerCharge },
  { name: 'NATS out', of: (figure) => figure.natsOutPerCharge },
  { name: 'Redis reads', of: (figure) => figure.redisReadsPerCharge },
  { name: 'WAL bytes', of: (figure) => figure.walBytesPerCharge },
  { name: 'log bytes', of: (figure) => figure.logBytesPerCharge },
  { name: 'event bytes', of: (figure) => figure.eventBytesPerCharge },
  { name: 'gateway MB', of: (figure) => figure.memoryMb?.gateway },
  { name: 'ledger MB', of: (figure) => figure.memoryMb?.ledger },
];

/**
 * The quantities of a load that both variants have, over the rounds in which both had a figure. A turn whose books do
 * not agree takes its round away.
 */
export function pairsOf(turns: readonly AbTurn[], load: string): AbRow[] {
  const figures = (label: Variant['label']) =>
    new Map(
      turns
        .filter(
          (turn) => turn.load === load && turn.label === label && turn.figure.discrepancies.length === 0,
        )
        .map(({ round, figure }) => [round, figure]),
    );
  const [a, b] = [figures('a'), figures('b')];
  const rounds = [...a.keys()].filter((round) => b.has(round));
  return QUANTITIES.flatMap(({ name, of }) => {
    const pairs = rounds.flatMap((round) => {
      const [one, other] = [of(a.get(round)!), of(b.get(round)!)];
      return one === undefined || other === undefined ? [] : [{ one, other }];
    });
    if (pairs.length === 0) return [];
    return [
      {
        name,
        a: spread(pairs.map(({ one }) => one)),
        b: spread(pairs.map(({ other }) => other)),
        ratio: spread(pairs.filter(({ one }) => one > 0).map(({ one, other }) => other / one)),
      },
    ];
  });
}

/** The median of an even number is the mean of the two in the middle; of nothing NaN. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return { median, least: sorted[0]!, most: sorted.at(-1)! };
}

/** A table for a terminal: median, and least to most in brackets. */
export function pairsTable(rows: readonly AbRow[]): string {
  const cells = rows.map(({ name, a, b, ratio }) => [name, text(a), text(b), text(ratio, 2)]);
  const lines = [['', 'a', 'b', 'b / a, by rounds'], ...cells];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))),
    )
    .map((line) => `${line.join('   ')}\n`)
    .join('');
}

function text({ median, least, most }: Spread, digits?: number): string {
  if (Number.isNaN(median)) return '–';
  const write = (value: number) => {
    const places = digits ?? (Math.abs(value) < 10 ? 1 : 0);
    return value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places });
  };
  return `${write(median)} (${write(least)}–${write(most)})`;
}
