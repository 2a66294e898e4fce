import { parseArgs } from 'node:util';

export interface CliOptions {
  readonly vendorId: number | null;
  /** '' prints the detailed report; a name writes it to that file. */
  readonly report: string | null;
  readonly fix: boolean;
  readonly yes: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
  readonly full: boolean;
  readonly dryRun: boolean;
  readonly since: Date | null;
  readonly restartCheckpoints: boolean;
  readonly publicKey: boolean;
  readonly help: boolean;
}

export class UsageError extends Error {
  override name = 'UsageError';
}

export const USAGE = `Usage: npm run reconcile -- [options]

  --vendor-id=N            check this vendor only
  --report[=FILE]          detailed report; to FILE (.txt, .json or .html by its ending)
  --fix                    have the ledger rebuild what differs a little, then check again; asks first
  --yes                    with --fix: do not ask
  --verbose                every vendor, and how much was looked at
  --json                   the result as JSON on standard output
  --full                   from the first transaction instead of the last checkpoint
  --since=TIME             from the last checkpoint before TIME (2026-11-23 or 2026-11-23T10:00:00Z)
  --dry-run                keep and publish nothing, fix nothing
  --restart-checkpoints    vouch anew although earlier checkpoints were found tampered with; needs --full
  --public-key             print the public key that verifies checkpoints and receipts

Status: 0 clean (or all fixed), 1 discrepancy, 2 could not check.`;

/** Throws UsageError. */
export function parseOptions(argv: readonly string[]): CliOptions {
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      // `--report` may stand alone; parseArgs knows no optional values.
      args: argv.map((argument) => (argument === '--report' ? '--report=' : argument)),
      options: {
        'vendor-id': { type: 'string' },
        report: { type: 'string' },
        fix: { type: 'boolean' },
        yes: { type: 'boolean' },
        verbose: { type: 'boolean' },
        json: { type: 'boolean' },
        full: { type: 'boolean' },
        'dry-run': { type: 'boolean' },
        since: { type: 'string' },
        'restart-checkpoints': { type: 'boolean' },
        'public-key': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
  const text = (name: string) => values[name] as string | undefined;
  const flag = (name: string) => values[name] === true;
  return {
    vendorId: parseVendor(text('vendor-id')),
    report: text('report') ?? null,
    fix: flag('fix'),
    yes: flag('yes'),
    verbose: flag('verbose'),
    json: flag('json'),
    full: flag('full'),
    dryRun: flag('dry-run'),
    since: parseSince(text('since')),
    restartCheckpoints: flag('restart-checkpoints') && flag('full'),
    publicKey: flag('public-key'),
    help: flag('help'),
  };
}

function parseVendor(text: string | undefined): number | null {
  if (text === undefined) return null;
  const id = /^[1-9][0-9]{0,9}$/.test(text) ? Number(text) : 0;
  if (id < 1 || id > 2_147_483_647) throw new UsageError(`--vendor-id=${text}: not the id of a vendor`);
  return id;
}

function parseSince(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const date = new Date(text);
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(text) || Number.isNaN(date.getTime())) {
    throw new UsageError(`--since=${text}: not a time`);
  }
  return date;
}
