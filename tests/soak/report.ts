import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { curves } from './curves.ts';
import { KINDS, type Kind, type Series, type Trend, trendsOf } from './series.ts';
import type { FaultMark, SoakOptions, SoakState } from './state.ts';

const OF_PROCESSES: readonly Kind[] = ['memory', 'heap', 'files', 'sockets'];

export interface SoakReport {
  readonly verdict: string;
  readonly passed: boolean;
  readonly text: string;
  readonly series: readonly Series[];
  readonly faults: readonly FaultMark[];
}

/** What is known by now, whether or not it has come to its end. */
export function reportOf(options: Pick<SoakOptions, 'minutes' | 'seed'>, state: SoakState): SoakReport {
  const series = state.sampler?.series ?? [];
  const leaks = leaksOf(series);
  const { count } = state.findings;
  const wrong = [
    ...(state.proof ? [] : [`not proven: ${state.stoppedBy ?? `it is ${state.phase}`}`]),
    ...(count > 0 ? [`${count} discrepancies`] : []),
    ...leaks.map((leak) => `a leak: ${leak}`),
  ];
  const passed = wrong.length === 0;
  const judged = series.some((one) => trendsOf(one).some(({ verdict }) => verdict === 'flat'));
  const verdict = passed
    ? `PASSED: 0 discrepancies, ${judged ? 'no leak' : 'and too short to see a leak'}`
    : `FAILED: ${wrong.join('; ')}`;
  const text = [
    '# Soak',
    '',
    `**${verdict}**`,
    '',
    ...figures(options, state),
    '',
    ...lives(series, state.faults),
    '',
    ...levels(series),
    '',
    ...kindsOf(series).map((kind) => `![${KINDS[kind].title}](${kind}.svg)`),
    '',
    ...state.findings.kept.map(({ check, text: said }) => `- ${check}: ${said}`),
    ...state.faults.map(({ atMs, text: what }) => `- ${minutes(atMs)} min: ${what}`),
    '',
  ].join('\n');
  return { verdict, passed, text, series, faults: state.faults };
}

export const leaksOf = (series: readonly Series[]): string[] =>
  series.flatMap((one) =>
    trendsOf(one)
      .filter(({ verdict }) => verdict === 'LEAK')
      .map(
        ({ fromMs, toMs }) => `${one.kind} of ${one.part}, minutes ${minutes(fromMs)} to ${minutes(toMs)}`,
      ),
  );

function figures({ seed }: Pick<SoakOptions, 'seed'>, state: SoakState): string[] {
  const { seller, tills, proof, saturation, rate, sellingFromMs } = state;
  const sold = seller?.record.posted ?? 0;
  const seconds = sellingFromMs === null ? 0 : ((state.sellingToMs ?? Date.now()) - sellingFromMs) / 1_000;
  const answers = [...(seller?.answers ?? [])].toSorted(([, a], [, b]) => b - a);
  return [
    `- machine: ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${Math.round(totalmem() / 1e9)} GB; load average ${loadavg()[0]!.toFixed(1)}; seed ${seed}`,
    `- rate: ${saturation === null ? 'given' : `at most ${saturation.toFixed(0)} a second were sold before it began`}; asked for ${rate} a second, ` +
      `seen ${seconds > 0 ? ((sold - state.soldBefore) / seconds).toFixed(0) : 0} besides the tills, for ${(seconds / 60).toFixed(1)} minutes`,
    `- sold: ${count(sold)} sales, ${count(seller?.repeats ?? 0)} repeats after faults, ${count(seller?.turnedAway ?? 0)} turned away; ` +
      `tills that also repeat, conflict and give up: ${count(tills?.claims.length ?? 0)} commands`,
    `- answers: ${answers.map(([name, times]) => `${name} ${count(times)}`).join(', ')}`,
    `- faults: ${state.faults.length}; slowest return ${Object.entries(state.slowestReturnMs)
      .map(([name, ms]) => `${name} ${(ms / 1_000).toFixed(1)} s`)
      .join(', ')}`,
    proof
      ? `- proof, in ${proof.seconds.toFixed(0)} s: ${count(proof.checked.transactions)} transactions of ${proof.checked.vendors} vendors, ` +
        `${count(proof.checked.log.messages)} commands (${count(proof.checked.log.executed)} executed, ${count(proof.checked.log.repeats)} repeats, ` +
        `${count(proof.checked.log.expired)} expired), ${count(proof.checked.events)} events, ${proof.checked.copies} copies; ` +
        `doubts settled by key: ${proof.doubts.executed} executed, ${proof.doubts.neverExecuted} never, ${proof.doubts.open} open`
      : '- proof: none',
  ];
}

/** A row for each life of a process: what a fault ended was too short, or begins anew. */
function lives(series: readonly Series[], faults: readonly FaultMark[]): string[] {
  const parts = [...new Set(series.filter(({ kind }) => kind === 'memory').map(({ part }) => part))];
  const rows = parts.flatMap((part) => {
    const trends = OF_PROCESSES.map((kind) => {
      const found = series.find((one) => one.kind === kind && one.part === part);
      return found ? trendsOf(found) : [];
    });
    return trends[0]!.map((life) => {
      const own = trends.map((of) => of.find((one) => one.life === life.life));
      const verdict = own.some((one) => one?.verdict === 'LEAK') ? 'LEAK' : life.verdict;
      return `| ${[part, `${minutes(life.fromMs)} – ${minutes(life.toMs)}`, begunBy(part, life, faults), ...own.map(levelOf), verdict].join(' | ')} |`;
    });
  });
  return [
    '## Processes, each life by itself',
    '',
    `| of | minutes | begun by | ${OF_PROCESSES.map((kind) => `${KINDS[kind].title}, ${KINDS[kind].unit}`).join(' | ')} | |`,
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    'Median of the first half → of the second half (slope of the second half, a minute). Memory is the proportional share of a',
    'process and its children. A leak rises steadily through the second half of a life by more than its limit; a life of less',
    'than five minutes, or of less than a fifth of all, is not asked.',
  ];
}

function begunBy(part: string, { life, fromMs }: Trend, faults: readonly FaultMark[]): string {
  if (life === 1) return 'the start';
  return faults.findLast(({ victim, atMs }) => victim === part && atMs <= fromMs)?.text ?? 'itself';
}

const levelOf = (trend: Trend | undefined): string => {
  if (!trend) return '';
  const slope =
    trend.verdict === 'too short' ? '' : ` (${trend.slope >= 0 ? '+' : ''}${trend.slope.toFixed(2)})`;
  return `${number(trend.first)} → ${number(trend.second)}${slope}`;
};

/** What servers hold for all processes of a service together, and what may rise. */
function levels(series: readonly Series[]): string[] {
  const rows = kindsOf(series)
    .filter((kind) => !OF_PROCESSES.includes(kind) && kind !== 'cpu')
    .flatMap((kind) =>
      series
        .filter((one) => one.kind === kind)
        .flatMap((one) =>
          trendsOf(one).map((trend) => {
            const cells = [KINDS[kind].title, one.part, KINDS[kind].unit, levelOf(trend), number(trend.peak)];
            return `| ${cells.join(' | ')} | ${trend.verdict === 'not judged' ? '' : trend.verdict} |`;
          }),
        ),
    );
  return [
    '## Levels',
    '',
    '| what | of | unit | level | peak | |',
    '| --- | --- | --- | --- | --: | --- |',
    ...rows,
  ];
}

const kindsOf = (series: readonly Series[]): Kind[] =>
  (Object.keys(KINDS) as Kind[]).filter((kind) => series.some((one) => one.kind === kind));

const minutes = (ms: number): string => (ms / 60_000).toFixed(1);
const number = (value: number): string => (value < 100 ? value.toFixed(1) : value.toFixed(0));
const count = (value: number): string => value.toLocaleString('en');

/** Writes soak.md, a picture for each kind, and all points as JSON. */
export function writeSoak(folder: string, report: SoakReport): void {
  mkdirSync(folder, { recursive: true });
  const { text, verdict, series, faults } = report;
  writeFileSync(path.join(folder, 'soak.md'), text);
  writeFileSync(path.join(folder, 'soak.json'), `${JSON.stringify({ verdict, series, faults })}\n`);
  for (const kind of kindsOf(series))
    writeFileSync(path.join(folder, `${kind}.svg`), curves(kind, series, faults));
}
