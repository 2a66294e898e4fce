import { numberIn, readArguments } from '../options.ts';
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

export interface CapacityOptions extends Demand {
  readonly help: boolean;
  readonly json: boolean;
  readonly simulate: boolean;
  readonly seconds: number;
}

/** Throws UsageError. */
export function parseOptions(args: readonly string[]): CapacityOptions {
  const { values } = readArguments({
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
  });
  return {
    help: values.help,
    json: values.json,
    simulate: values.simulate,
    chargesPerDay: numberIn(values, 'charges-per-day', [1, 1e10]),
    vendors: numberIn(values, 'vendors', [1, 1e7]),
    years: numberIn(values, 'years', [0.1, 50]),
    seconds: numberIn(values, 'seconds', [5, 3_600]),
  };
}
