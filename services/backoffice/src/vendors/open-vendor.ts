import { systemMessageId, type VendorId } from '@b2b-charge/contracts';
import type { CommandDesk, Result } from '@b2b-charge/http/commands/command-desk';
import type { VendorSettings } from '@b2b-charge/http/views';
import type { Kysely } from 'kysely';
import type { BackofficeDatabase } from '../db/schema.ts';
import { allocateVendor } from './vendor-store.ts';

export interface NewVendor extends VendorSettings {
  readonly name: string;
  /** Decimal string; null is no limit. */
  readonly dailyLimit: string | null;
  /** A repeat under the same key finds the same vendor. */
  readonly creationKey: string | null;
  readonly createdBy: string;
  /** Sender of the command, as the ledger records it. */
  readonly principal: string;
  readonly traceparent: string | undefined;
}

/** Ids that another system may have taken before ours. */
const MAX_TRIES = 20;

/** Gives a vendor an id and opens its books, through the log like everything else. */
export async function openVendor(
  { db, commands }: { db: Kysely<BackofficeDatabase>; commands: Pick<CommandDesk, 'send'> },
  vendor: NewVendor,
): Promise<{ vendorId: VendorId; result: Result }> {
  for (let attempt = 1; ; attempt++) {
    const vendorId = await allocateVendor(db, vendor);
    const result = await commands.send({
      vendorId,
      messageId: systemMessageId('open-vendor', vendorId),
      command: { type: 'open-vendor', name: vendor.name, daily_limit: vendor.dailyLimit },
      principal: vendor.principal,
      traceparent: vendor.traceparent,
    });
    const taken =
      result.kind === 'decided' &&
      result.outcome.outcome === 'rejected' &&
      result.outcome.code === 'VENDOR_EXISTS';
    if (!taken || vendor.creationKey !== null || attempt >= MAX_TRIES) return { vendorId, result };
  }
}
