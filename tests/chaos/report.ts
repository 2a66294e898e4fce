import type { Checked } from './check/check.ts';
import type { Finding } from './check/findings.ts';
import type { FaultName } from './faults/fault.ts';
import type { LaneChanges } from './watch-lanes.ts';

export interface ChaosReport {
  readonly seed: number;
  readonly minutes: number;
  readonly servers: { readonly postgres: string; readonly nats: string; readonly redis: string };
  /** Distinct commands, and how often they were sent. */
  readonly commands: number;
  readonly attempts: number;
  /** How often each answer was given. */
  readonly answers: Readonly<Record<string, number>>;
  readonly doubts: { readonly executed: number; readonly neverExecuted: number; readonly open: number };
  readonly faults: Readonly<Partial<Record<FaultName, number>>>;
  /** By victim: the longest that it took to come back once it might. */
  readonly slowestReturnMs: Readonly<Record<string, number>>;
  readonly lanes: LaneChanges;
  /** The longest that one client waited for its outcome, and the longest without an outcome for any of them. */
  readonly longestWaitMs: number;
  readonly longestSilenceMs: number;
  readonly checked: Checked | null;
  readonly discrepancies: number;
  readonly findings: readonly Finding[];
}

export function formatReport(report: ChaosReport): string {
  const { servers, doubts, lanes, checked } = report;
  const faults = Object.entries(report.faults).toSorted(([a], [b]) => a.localeCompare(b));
  const injected = faults.reduce((sum, [, count]) => sum + count, 0);
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const lines = [
    '',
    `Chaos, seed ${report.seed}, ${report.minutes} min: PostgreSQL ${servers.postgres}, NATS ${servers.nats}, Redis ${servers.redis}`,
    '',
    `commands        ${count(report.commands)}, sent ${count(report.attempts)} times`,
    'answers',
    ...table(Object.entries(report.answers).toSorted(([, a], [, b]) => b - a)),
    `doubts          settled by key: ${count(doubts.executed)} executed, ${count(doubts.neverExecuted)} never; ${doubts.open} open`,
    `faults          ${injected}`,
    ...table(faults),
    `slowest return  ${Object.entries(report.slowestReturnMs)
      .map(([name, ms]) => `${name} ${seconds(ms)}`)
      .join(', ')}`,
    `takeovers       ${lanes.takeovers} (lane epochs raised ${lanes.epochsRaised}; rollbacks of the log ${lanes.streamEpochsRaised})`,
    `longest pause   ${seconds(report.longestWaitMs)} for one client, ${seconds(report.longestSilenceMs)} for all of them`,
    ...(checked ? checkedLines(checked) : ['checked         nothing']),
    `discrepancies   ${report.discrepancies}`,
    ...report.findings.map(({ check, text }) => `  ${check}: ${text}`),
    '',
  ];
  return lines.join('\n');
}

function checkedLines({ vendors, transactions, events, copies, log }: Checked): string[] {
  return [
    `checked         ${count(transactions)} transactions of ${vendors} vendors, ${count(events)} events, ${copies} balance copies`,
    `the log         ${count(log.messages)} commands: ${count(log.executed)} executed, ${count(log.repeats)} repeats, ` +
      `${count(log.conflicts)} refused for their key, ${count(log.expired)} expired, ${count(log.dead)} dead letters`,
  ];
}

const table = (entries: readonly (readonly [string, number])[]): string[] =>
  entries.map(([name, value]) => `  ${name.padEnd(36)} ${count(value).padStart(10)}`);

const count = (value: number): string => value.toLocaleString('en');
