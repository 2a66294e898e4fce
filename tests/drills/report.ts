import type { DrillResult } from './drill.ts';

export interface RunDrill {
  readonly name: string;
  readonly seconds: number;
  readonly result: DrillResult;
}

const HEAD = ['drill', 'lost', 'doubled', 'longest pause', 'audit', 'duration'];

/** One line for each drill, in columns that are as wide as what stands in them. */
export function formatTable(drills: readonly RunDrill[]): string {
  const rows = [
    HEAD,
    ...drills.map(({ name, seconds, result }) => [
      name,
      String(result.lost),
      String(result.doubled),
      `${(result.longestPauseMs / 1_000).toFixed(1)} s`,
      result.audit,
      `${seconds.toFixed(1)} s`,
    ]),
  ];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}
