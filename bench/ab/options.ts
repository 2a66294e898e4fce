import { numberIn, readArguments, UsageError } from '../../scripts/options.ts';

export const USAGE = `Usage: npm run bench:ab -- --a VARIANT --b VARIANT [options]

Runs two variants in turn on the same servers, and prints medians, spreads, ratios and the CPU of each process. Each round
runs both, in the reverse order of the round before. The books are checked after every load.

A VARIANT is words in one argument: NAME=VALUE is an environment variable of gateway and ledger; any other word is a git
revision or the folder of a checkout with its dependencies, at most one; without it this checkout runs. A word that begins
with a dash goes on with the value before it. Both need the
database schema of this checkout. Examples:
  --a HEAD~1 --b .
  --a . --b '. NODE_OPTIONS=--max-semi-space-size=64'
  --b '. NODE_OPTIONS=--cpu-prof --cpu-prof-dir=/tmp/profiles' profiles gateway and ledger, for a browser's developer tools

  --load a,b,…        http-64x10 (64 in flight, 10 vendors), http-128 (10,000 vendors), hot-128 (one vendor), open-500 (500
                      sales a second), drain-40000 (so many commands); http-64x10,http-128 unless given
  --rounds N          1 to 20; 3 unless given
  --seconds N         measured seconds of each load, 1 to 60; 6 unless given
  --nats-binary PATH  another nats-server, for both
  --json FILE         also writes the figure of every turn to a file
  --help              this text

Exit code 0, 1 if books do not agree, 2 if the arguments cannot be understood.
`;

export type AbLoad =
  | { readonly name: string; readonly kind: 'http'; readonly connections: number; readonly vendors: number }
  | { readonly name: string; readonly kind: 'hot'; readonly connections: number }
  | { readonly name: string; readonly kind: 'open'; readonly rate: number }
  | { readonly name: string; readonly kind: 'drain'; readonly count: number };

export interface AbOptions {
  readonly help: boolean;
  readonly a: string;
  readonly b: string;
  readonly loads: readonly AbLoad[];
  readonly rounds: number;
  readonly seconds: number;
  readonly natsBinary: string | undefined;
  readonly json: string | undefined;
}

export const VENDORS = 10_000;
const MAX_CONNECTIONS = 1_024;
const MAX_COMMANDS = 1_000_000;
const MAX_LOADS = 10;

/** Throws UsageError. */
export function parseAbOptions(args: readonly string[]): AbOptions {
  const { values } = readArguments({
    args: [...args],
    options: {
      a: { type: 'string', default: '.' },
      b: { type: 'string', default: '.' },
      load: { type: 'string', default: 'http-64x10,http-128' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '6' },
      'nats-binary': { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const loads = values.load.split(',').map(parseLoad);
  if (loads.length > MAX_LOADS) throw new UsageError(`--load ${values.load}: at most ${MAX_LOADS} loads`);
  return {
    help: values.help,
    a: values.a,
    b: values.b,
    loads,
    rounds: Math.trunc(numberIn(values, 'rounds', [1, 20])),
    seconds: numberIn(values, 'seconds', [1, 60]),
    natsBinary: values['nats-binary'],
    json: values.json,
  };
}

function parseLoad(name: string): AbLoad {
  const [, kind, first, second] = /^(http|hot|open|drain)-(\d{1,7})(?:x(\d{1,5}))?$/.exec(name) ?? [];
  const within = (number: number, most: number) => number >= 1 && number <= most;
  const count = Number(first);
  const vendors = second === undefined ? VENDORS : Number(second);
  if (kind === 'http' && within(count, MAX_CONNECTIONS) && within(vendors, VENDORS))
    return { name, kind, connections: count, vendors };
  if (second === undefined) {
    if (kind === 'hot' && within(count, MAX_CONNECTIONS)) return { name, kind, connections: count };
    if (kind === 'open' && within(count, MAX_COMMANDS)) return { name, kind, rate: count };
    if (kind === 'drain' && within(count, MAX_COMMANDS)) return { name, kind, count };
  }
  throw new UsageError(`--load ${name}: write http-64x10, http-128, hot-128, open-500 or drain-40000`);
}
