import { readArguments, UsageError } from '../../scripts/options.ts';
import { FAULTS, type FaultName } from './faults/fault.ts';

export const USAGE = `Usage: npm run chaos -- [options]

Starts PostgreSQL, NATS, Redis, two ledgers, credits and a gateway of its own, sells through them over HTTP and over
NATS, and meanwhile kills, freezes and restarts them at random moments. Afterwards it proves the books against the
clients' own record, the command log and the events. Exit code 0 when everything agrees, 1 when anything does not.

  --minutes N          how long to sell (10 unless given; 0.5 is half a minute)
  --seed N             plans the same faults and sales again; a random one is printed unless given
  --faults A,B,…       only these; all unless given:
                       ${wrap(FAULTS)}
  --overlap            a fault may begin while another one lasts
  --nats-binary PATH   another nats-server than the machine's (NATS_SERVER_BIN does the same)
  --report FILE        writes the report as JSON, too
  --logs FOLDER        keeps the logs of all processes there
  --help               this text
`;

function wrap(names: readonly string[]): string {
  const lines: string[] = [];
  for (let from = 0; from < names.length; from += 3) lines.push(names.slice(from, from + 3).join(', '));
  return lines.join(',\n                       ');
}

export interface ChaosSettings {
  readonly help: boolean;
  readonly minutes: number;
  readonly seed: number;
  readonly faults: readonly FaultName[];
  readonly overlap: boolean;
  readonly natsBinary: string | undefined;
  readonly reportFile: string | undefined;
  readonly logsFolder: string | undefined;
}

const MAX_MINUTES = 24 * 60;
const MAX_SEED = 2 ** 32 - 1;

/** Throws UsageError. */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): ChaosSettings {
  const { values } = parse(args);
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= MAX_MINUTES))
    throw new UsageError(`--minutes ${values.minutes}: not above 0`);
  const seed = values.seed === undefined ? Math.floor(Math.random() * MAX_SEED) : Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED)
    throw new UsageError(`--seed ${values.seed}: not a whole number up to ${MAX_SEED}`);
  return {
    help: values.help,
    minutes,
    seed,
    faults: parseFaults(values.faults),
    overlap: values.overlap,
    natsBinary: values['nats-binary'] ?? (environment.NATS_SERVER_BIN || undefined),
    reportFile: values.report,
    logsFolder: values.logs,
  };
}

const parse = (args: readonly string[]) =>
  readArguments({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string' },
      faults: { type: 'string' },
      overlap: { type: 'boolean', default: false },
      'nats-binary': { type: 'string' },
      report: { type: 'string' },
      logs: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });

function parseFaults(text: string | undefined): readonly FaultName[] {
  if (text === undefined) return FAULTS;
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!FAULTS.some((fault) => fault === name)) throw new UsageError(`--faults: there is no ${name}`);
  }
  return names as FaultName[];
}
