import { numberIn, readArguments } from '../../scripts/options.ts';

export const USAGE = `Usage: npm run soak -- [options]

Starts servers and services of its own (two ledgers, credits, a gateway, a reconciler, webhooks), finds out how many sales a
second they take at most, sells at half of that with a fault every minute, and looks at the memory, heap, CPU, files,
sockets, connections, subscriptions, consumers and streams of all of them. Ends with a proof of the books and a report with
curves, also when it is told to end (SIGTERM, SIGINT). Exit code 0 when nothing leaks and the books agree, 1 otherwise.
Linux only.

  --minutes N        how long to sell (30 unless given)
  --rate N           sales a second; half of what the machine takes at most unless given
  --calibrate N      seconds of finding that out (20 unless given)
  --fault-every N    seconds between two faults (60 unless given)
  --at-most N        minutes for all of it; a proof that is not over by then is left out (--minutes and 5.5 unless given)
  --seed N           plans the same faults and sales again
  --out FOLDER       for soak.md, soak.json and the curves (.local/soak unless given)
  --help             this text
`;

export interface SoakSettings {
  readonly help: boolean;
  readonly minutes: number;
  /** Null: half of what the machine takes. */
  readonly rate: number | null;
  readonly calibrateSeconds: number;
  readonly atMostMinutes: number;
  readonly faultEvery: number;
  readonly seed: number;
  readonly folder: string;
}

/** For the start, the calibration and the proof. */
const PROOF_MINUTES = 5.5;

/** Throws UsageError. */
export function parseOptions(args: readonly string[]): SoakSettings {
  const { values } = readArguments({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '30' },
      rate: { type: 'string' },
      calibrate: { type: 'string', default: '20' },
      'at-most': { type: 'string' },
      'fault-every': { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
      out: { type: 'string', default: '.local/soak' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const minutes = numberIn(values, 'minutes', [0.1, 1_440]);
  return {
    help: values.help,
    minutes,
    rate: values.rate === undefined ? null : numberIn(values, 'rate', [40, 50_000]),
    calibrateSeconds: numberIn(values, 'calibrate', [3, 600]),
    atMostMinutes:
      values['at-most'] === undefined ? minutes + PROOF_MINUTES : numberIn(values, 'at-most', [0.1, 1_500]),
    faultEvery: numberIn(values, 'fault-every', [1, 3_600]),
    seed: Math.floor(numberIn(values, 'seed', [0, 2 ** 32 - 1])),
    folder: values.out,
  };
}
