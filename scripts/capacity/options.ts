import { parseArgs } from 'node:util';
import type { Demand } from './model.ts';

export const USAGE = `Usage: npm run capacity -- --charges-per-day N --vendors V --years Y [--json]
       npm run capacity -- --simulate [--charges-per-day N] [--seconds S]

Says what so many charges take: processes, memory, disk, backups, audits, and what to add when. It calculates with
docs/capacity-figures.json, which holds what the benchmarks measured.

  --charges-per-day N   over all vendors, 1 to 10 billion (1,000,000 unless given)
  --vendors V           1 to 10 million (1,000 unless given)
  --years Y             of history kept, 0.1 to 50 (3 unless given)
  --json                the same as JSON
  --simulate            starts servers and services of its own, drives a tenth of a day through them within some seconds
                        (the day's curve, a few vendors that sell most, a burst at noon), and prints predicted beside
                        measured
  --seconds S           how long the simulated day takes, 5 to 3,600 (60 unless given)
  --help                this text
`;

export class UsageError extends Error {
  override name = 'UsageError';
}

export interface CapacityOptions extends Demand {
  readonly help: boolean;
  readonly json: boolean;
  readonly simulate: boolean;
  readonly seconds: number;
}

/** Throws UsageError. */
export function parseOptions(args: readonly string[]): CapacityOptions {
  const values = parse(args);
  const number = (name: 'charges-per-day' | 'vendors' | 'years' | 'seconds', low: number, high: number) => {
    const value = Number(values[name]);
    if (!(value >= low && value <= high))
      throw new UsageError(`--${name} ${values[name]}: not a number from ${low} to ${high}`);
    return value;
  };
  return {
    help: values.help,
    json: values.json,
    simulate: values.simulate,
    chargesPerDay: number('charges-per-day', 1, 1e10),
    vendors: number('vendors', 1, 1e7),
    years: number('years', 0.1, 50),
    seconds: number('seconds', 5, 3_600),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        'charges-per-day': { type: 'string', default: '1000000' },
        vendors: { type: 'string', default: '1000' },
        years: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '60' },
        json: { type: 'boolean', default: false },
        simulate: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}
