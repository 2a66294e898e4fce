import { readArguments } from '../scripts/options.ts';

export const USAGE = `Usage: npm run bench -- [options]

Starts its own servers and services, measures them, checks the books, and writes docs/benchmarks.md.

  --quick             a small part, in under two minutes; fails on a discrepancy, or if a charge costs more messages,
                      round trips, statements or bytes than bench/budget.json allows. Writes nothing unless --json is given
  --scenario a,b,…    only these; writes nothing unless --json is given
  --list              names all scenarios
  --huge              also the history of ten million transactions
  --nats-binary PATH  another nats-server to compare with
  --json FILE         keeps the figures in a file; those that it holds of other scenarios stay, and the report is made
                      of all of them
  --no-write          does not write docs/benchmarks.md
  --help              this text
`;

export interface BenchOptions {
  readonly quick: boolean;
  readonly list: boolean;
  readonly help: boolean;
  readonly huge: boolean;
  readonly write: boolean;
  /** Null means all. */
  readonly scenarios: readonly string[] | null;
  readonly natsBinary: string | undefined;
  readonly json: string | undefined;
}

/** Throws UsageError. */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { values } = readArguments({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      huge: { type: 'boolean', default: false },
      write: { type: 'boolean', default: true },
      scenario: { type: 'string', multiple: true },
      'nats-binary': { type: 'string' },
      json: { type: 'string' },
    },
    allowNegative: true,
  });
  const { quick, list, help, huge, write, json } = values;
  const scenarios =
    values.scenario?.flatMap((names) => names.split(',')).filter((name) => name !== '') ?? null;
  const natsBinary = values['nats-binary'];
  return { quick, list, help, huge, write, scenarios, natsBinary, json };
}
