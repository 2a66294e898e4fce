import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { type ChaosReport, formatReport } from '../chaos/report.ts';
import { curves } from './curves.ts';
import { KINDS, type Kind, type Series, trendOf } from './series.ts';

export interface SoakReport {
  readonly minutes: number;
  /** Commands a second: asked for, and seen. */
  readonly rate: { readonly asked: number; readonly seen: number };
  readonly chaos: ChaosReport;
  readonly series: readonly Series[];
}

const nameOf = ({ kind, part }: Series): string => `${kind} of ${part}`;

/** What went on growing. */
export const leaksOf = ({ series }: SoakReport): string[] =>
  series.filter((one) => trendOf(one).leaks).map(nameOf);

const kindsOf = ({ series }: SoakReport): Kind[] =>
  (Object.keys(KINDS) as Kind[]).filter((kind) => series.some((one) => one.kind === kind));

export function formatSoak(report: SoakReport): string {
  const { minutes, rate, chaos, series } = report;
  const leaks = leaksOf(report);
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${Math.round(totalmem() / 1e9)} GB`;
  const rows = kindsOf(report).flatMap((kind) =>
    series
      .filter((one) => one.kind === kind)
      .map((one) => {
        const { first, second, peak, leaks: leaking } = trendOf(one);
        const cells = [kind, one.part, KINDS[kind].unit, ...[first, second, peak].map(number)];
        return `| ${cells.join(' | ')} | ${KINDS[kind].leak === null ? '' : leaking ? 'LEAK' : 'flat'} |`;
      }),
  );
  return [
    '# Soak',
    '',
    `${minutes} minutes on ${machine}; load average at the end ${loadavg()[0]!.toFixed(1)}. Asked for ` +
      `${rate.asked} commands a second, seen ${rate.seen.toFixed(0)}. ${chaos.discrepancies} discrepancies, ` +
      `${leaks.length} leaks${leaks.length > 0 ? `: ${leaks.join(', ')}` : ''}.`,
    '',
    '| what | of | unit | first half | second half | peak | |',
    '| --- | --- | --- | --: | --: | --: | --- |',
    ...rows,
    '',
    'Medians; memory is the proportional share of each process and its children, so that shared pages count once.',
    '',
    ...kindsOf(report).map((kind) => `![${kind}](${kind}.svg)`),
    '',
    '## What was sold, broken and proven',
    '',
    '```',
    formatReport(chaos).trim(),
    '```',
    '',
  ].join('\n');
}

const number = (value: number) => (value < 100 ? value.toFixed(1) : value.toFixed(0));

/** Writes soak.md, a picture for each kind, and all points as JSON. */
export function writeSoak(folder: string, report: SoakReport): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'soak.md'), formatSoak(report));
  writeFileSync(path.join(folder, 'soak.json'), `${JSON.stringify(report)}\n`);
  for (const kind of kindsOf(report))
    writeFileSync(path.join(folder, `${kind}.svg`), curves(kind, report.series));
}
