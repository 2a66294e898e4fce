import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run soak -- [options]

Starts servers and services of its own (two ledgers, credits, a gateway, a reconciler), sells at a steady rate with a fault
every minute, and looks at the memory, CPU, files, sockets, PostgreSQL connections, consumers and streams of all of them.
Ends with an audit and a report with curves. Exit code 0 when nothing leaks and the books agree, 1 otherwise. Linux only.

  --minutes N        how long to sell (30 unless given)
  --rate N           commands a second (200 unless given; half of what the machine can do is a hard soak)
  --fault-every N    seconds between two faults (60 unless given)
  --seed N           plans the same faults and sales again
  --out FOLDER       for soak.md, soak.json and the curves (.local/soak unless given)
  --help             this text
`;

export class UsageError extends Error {
  override name = 'UsageError';
}

export interface SoakSettings {
  readonly help: boolean;
  readonly minutes: number;
  readonly rate: number;
  readonly faultEvery: number;
  readonly seed: number;
  readonly folder: string;
}

/** Throws UsageError. */
export function parseOptions(args: readonly string[]): SoakSettings {
  const values = parse(args);
  const number = (name: 'minutes' | 'rate' | 'fault-every' | 'seed', low: number, high: number) => {
    const value = Number(values[name]);
    if (!(value >= low && value <= high))
      throw new UsageError(`--${name} ${values[name]}: not a number from ${low} to ${high}`);
    return value;
  };
  return {
    help: values.help,
    minutes: number('minutes', 0.1, 1_440),
    rate: number('rate', 10, 5_000),
    faultEvery: number('fault-every', 1, 3_600),
    seed: Math.floor(number('seed', 0, 2 ** 32 - 1)),
    folder: values.out,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: '30' },
        rate: { type: 'string', default: '200' },
        'fault-every': { type: 'string', default: '60' },
        seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
        out: { type: 'string', default: '.local/soak' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}
