import type { Demand, Plan } from './model.ts';

export function formatPlan({ chargesPerDay, vendors, years }: Demand, plan: Plan): string {
  const rows: [string, string][] = [
    ['peak', `${count(plan.peakPerSecond)} charges a second (noon's burst)`],
    [
      'of one machine',
      `${(plan.shareOfMachine * 100).toFixed(0)} % of what the measured one sells (docs/benchmarks.md)`,
    ],
    [
      'cores at the peak',
      Object.entries(plan.peakCores)
        .map(([part, cores]) => `${part} ${cores.toFixed(2)}`)
        .join(', '),
    ],
    [
      'processes',
      `${plan.processes.gateway} gateways, ${plan.processes.ledger} ledgers (one of each to spare)`,
    ],
    ['memory', `${formatBytes(plan.memoryBytes)} for gateways and ledgers`],
    ...plan.diskByYearBytes.map((disk, year): [string, string] => [
      `disk, year ${year + 1}`,
      `${formatBytes(disk)} in PostgreSQL`,
    ]),
    ['streams', `${formatBytes(plan.streamBytes)} for seven days of commands and events, each copy`],
    ['WAL', `${formatBytes(plan.walPerDayBytes)} a day`],
    [
      'backup',
      `${formatBytes(plan.backupBytes)}: a base backup at the end and a week of WAL, not compressed`,
    ],
    [
      'audit',
      `${formatDuration(plan.dailyAuditSeconds)} for a day, ${formatDuration(plan.fullAuditSeconds)} for everything at the end`,
    ],
  ];
  return [
    `${count(chargesPerDay)} charges a day by ${count(vendors)} vendors for ${years} years`,
    '',
    ...rows.map(([name, text]) => `${name.padEnd(20)}${text}`),
    '',
    'What to add:',
    ...plan.advice.map((line) => `- ${line}`),
    '',
  ].join('\n');
}

const count = (value: number) => Math.round(value).toLocaleString('en');

export function formatBytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
  return `${(value / 1_000 ** power).toFixed(1)} ${units[power]}`;
}

export function formatDuration(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  return seconds < 7_200 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}
