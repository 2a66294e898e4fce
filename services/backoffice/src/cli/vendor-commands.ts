import { MONEY_PROBLEMS, moneyProblem, principal } from '@b2b-charge/contracts';
import { CommandDesk } from '@b2b-charge/http/commands/command-desk';
import { LaneGuard } from '@b2b-charge/http/commands/lane-guard';
import { openVendor } from '../vendors/open-vendor.ts';
import type { CliContext } from './context.ts';
import { UsageError } from './usage-error.ts';

export interface VendorOptions {
  readonly name?: string | undefined;
  readonly 'daily-limit'?: string | undefined;
}

const WAIT_MS = 10_000;

/** Opens a vendor, through the log like every other writer. */
export async function create({ db, ledger, nc }: CliContext, options: VendorOptions) {
  const { name } = options;
  if (!name || name.length > 100) throw new UsageError('--name NAME is needed, of at most 100 characters');
  const dailyLimit = options['daily-limit'] ?? null;
  const problem = dailyLimit === null ? null : moneyProblem(dailyLimit, { zero: true });
  if (problem) throw new UsageError(`--daily-limit ${dailyLimit} ${MONEY_PROBLEMS[problem]}`);
  const commands = new CommandDesk({
    send: (command) => ledger.send(command),
    connected: () => !nc.isClosed(),
    guard: new LaneGuard({ lanes: 1, lagLimitMs: WAIT_MS, probes: 1 }),
    lanes: 1,
    waitMs: WAIT_MS,
    deadlineMs: WAIT_MS,
    now: Date.now,
  });
  const { vendorId, result } = await openVendor(
    { db, commands },
    {
      name,
      dailyLimit,
      creationKey: null,
      createdBy: 'cli',
      principal: principal('system', 'cli'),
      traceparent: undefined,
      rate_limit: null,
      require_idempotency_key: null,
    },
  );
  if (result.kind !== 'decided' || result.outcome.outcome !== 'posted') {
    throw new Error(`vendor ${vendorId} was not opened: ${JSON.stringify(result)}`);
  }
  return { json: { vendor_id: vendorId, name, daily_limit: dailyLimit }, text: String(vendorId) };
}
