import type { Findings } from '../chaos/check/findings.ts';
import type { NetworkName } from './network/cluster-network.ts';

export interface DrillOptions {
  /** How long to sell before and after each blow. */
  readonly sellMs: number;
  /** For the test suite: the blows that take longest are left out. */
  readonly short?: boolean;
  readonly natsBinary?: string | undefined;
  /** Between the servers of a cluster; namespaces where they can be had unless given. */
  readonly network?: NetworkName | undefined;
  readonly progress: (line: string) => void;
}

export interface DrillResult {
  readonly lost: number;
  readonly doubled: number;
  /** The longest time without an outcome for any client. */
  readonly longestPauseMs: number;
  /** "clean", or what was found. */
  readonly audit: string;
  /** Everything that is wrong, in words. */
  readonly findings: readonly string[];
}

export interface Drill {
  readonly name: string;
  readonly what: string;
  /** Too long, or too much of a lottery, for the test suite. */
  readonly commandLineOnly?: boolean;
  run(options: DrillOptions): Promise<DrillResult>;
}

/** What the findings of a whole check mean for the table. */
export function resultOf(findings: Findings, longestPauseMs: number): DrillResult {
  const of = (...checks: string[]) => findings.kept.filter(({ check }) => checks.includes(check)).length;
  const other = findings.count - of('no-silent-loss', 'exactly-once');
  return {
    lost: of('no-silent-loss'),
    doubled: of('exactly-once'),
    longestPauseMs,
    audit: other === 0 ? 'clean' : `${other} findings`,
    findings: findings.kept.map(({ check, text }) => `${check}: ${text}`),
  };
}
