import type { Figure } from '../harness/figure.ts';
import { PARTS } from '../harness/meter.ts';

interface Column {
  readonly title: string;
  text(figure: Figure): string | undefined;
}

const whole = (value: number | undefined) =>
  value === undefined || !Number.isFinite(value) ? undefined : Math.round(value).toLocaleString('en');
const ms = (value: number | undefined) =>
  value === undefined ? undefined : value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');

const SPEED: readonly Column[] = [
  { title: 'offered /s', text: (figure) => whole(figure.offeredPerS) },
  { title: 'accepted /s', text: (figure) => whole(figure.acceptedPerS) },
  { title: 'outcomes /s', text: (figure) => whole(figure.outcomesPerS) },
  { title: 'drained /s', text: (figure) => whole(figure.drainedPerS) },
  { title: 'audited /s', text: (figure) => whole(figure.auditedPerS) },
  { title: 'p50 ms', text: (figure) => ms(figure.latencyMs?.p50) },
  { title: 'p95', text: (figure) => ms(figure.latencyMs?.p95) },
  { title: 'p99', text: (figure) => ms(figure.latencyMs?.p99) },
  { title: 'max', text: (figure) => ms(figure.latencyMs?.max) },
  { title: 'outside ms', text: (figure) => ms(figure.timeMs?.outside) },
  { title: 'way ms', text: (figure) => ms(figure.timeMs?.way) },
  { title: 'batch ms', text: (figure) => ms(figure.timeMs?.batch) },
  { title: 'notes', text: ({ notes }) => notes.join('; ') || undefined },
];

const COST: readonly Column[] = [
  ...PARTS.map((part) => ({
    title: `${part} µs`,
    text: ({ cpuUsPerCharge: cpu }: Figure) => ((cpu?.[part] ?? 0) < 0.5 ? undefined : whole(cpu?.[part])),
  })),
  { title: 'charges a batch', text: (figure) => whole(figure.chargesPerBatch) },
  { title: 'statements a batch', text: (figure) => figure.statementsPerBatch?.toFixed(1) },
  { title: 'round trips a batch', text: (figure) => figure.roundTripsPerBatch?.toFixed(1) },
  { title: 'NATS in', text: (figure) => figure.natsInPerCharge?.toFixed(1) },
  { title: 'NATS out', text: (figure) => figure.natsOutPerCharge?.toFixed(1) },
  { title: 'Redis reads', text: (figure) => figure.redisReadsPerCharge?.toFixed(1) },
  { title: 'gateway heap B', text: (figure) => whole(figure.gatewayBytesPerCharge) },
  { title: 'ledger heap B', text: (figure) => whole(figure.ledgerBytesPerCharge) },
  { title: 'table B', text: (figure) => whole(figure.tableBytesPerCharge) },
  { title: 'indexes B', text: (figure) => whole(figure.indexBytesPerCharge) },
  { title: 'WAL B', text: (figure) => whole(figure.walBytesPerCharge) },
  { title: 'log B', text: (figure) => whole(figure.logBytesPerCharge) },
  { title: 'event B', text: (figure) => whole(figure.eventBytesPerCharge) },
  { title: 'gateway MB', text: (figure) => whole(figure.memoryMb?.gateway) },
  { title: 'ledger MB', text: (figure) => whole(figure.memoryMb?.ledger) },
];

/** Two Markdown tables, of speed and of what a charge costs, with the columns that any of the figures has. */
export function figureTables(figures: readonly Figure[]): string {
  return [SPEED, COST].flatMap((columns) => table(figures, columns) ?? []).join('\n\n');
}

function table(figures: readonly Figure[], all: readonly Column[]): string | undefined {
  const columns = all.filter((column) => figures.some((figure) => column.text(figure) !== undefined));
  if (columns.length === 0) return undefined;
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const cellsOf = (figure: Figure) =>
    figure.discrepancies.length > 0
      ? columns.map((_, index) => (index === 0 ? 'no figure: the books do not agree' : ''))
      : columns.map((column) => column.text(figure) ?? '');
  return [
    row(['scenario', ...columns.map(({ title }) => title)]),
    row(['---', ...columns.map(({ title }) => (title === 'notes' ? '---' : '--:'))]),
    ...figures.map((figure) => row([figure.title, ...cellsOf(figure)])),
  ].join('\n');
}
