import type { CommandRequest, Subjects, VendorId } from '@b2b-charge/contracts';
import { CallError, type Logger, serveCalls } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import { getBalanceAt } from './get-balance-at.ts';
import { getBalanceHistory } from './get-balance-history.ts';
import { getChain } from './get-chain.ts';
import { getOutcome } from './get-outcome.ts';
import { getSales } from './get-sales.ts';
import { getTopVendors } from './get-top-vendors.ts';
import { getTransaction } from './get-transaction.ts';
import { getVendor } from './get-vendor.ts';
import { listDeadLetters } from './list-dead-letters.ts';
import { listLanes } from './list-lanes.ts';
import { listTransactions } from './list-transactions.ts';
import { listVendors } from './list-vendors.ts';
import type { Reads } from './reads.ts';
import { resubmitDeadLetter } from './resubmit-dead-letter.ts';

interface QueryOptions {
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly log: Logger;
  /** The primary: for what locks or writes, and for what a sale's outcome hangs on. */
  readonly pool: pg.Pool;
  readonly reads: Reads;
  readonly lanes: number;
  readonly timeZone: string;
  readonly currency: string;
}

/** Every reading of the ledger, answered by any of its processes. */
export function serveQueries({
  nc,
  subjects,
  log,
  pool,
  reads,
  lanes,
  timeZone,
  currency,
}: QueryOptions): AsyncDisposable {
  return serveCalls(
    { nc, subjects, log, currency },
    {
      'ledger.query.vendor': (request) => reads.read((db) => getVendor(db, timeZone, request.vendor_id)),
      'ledger.query.vendors': (request) => reads.read((db) => listVendors(db, timeZone, request)),
      'ledger.query.balance-at': (request) =>
        reads.read((db) => getBalanceAt(db, request.vendor_id, request.at)),
      'ledger.query.transaction': (request) => reads.read((db) => getTransaction(db, request, currency)),
      'ledger.query.chain': (request) => reads.read((db) => getChain(db, { lanes, currency }, request)),
      'ledger.query.outcome': (request) =>
        getOutcome(
          pool,
          { lanes, currency },
          {
            vendorId: request.vendor_id as VendorId,
            messageId: request.message_id,
            expiresAt: request.expires_at,
            command: request.command as CommandRequest | null | undefined,
          },
        ),
      'ledger.query.transactions': (request) => {
        if (request.message_id != null && request.vendor_id == null) {
          throw new CallError('BAD_REQUEST', 'a message id is looked up within a vendor');
        }
        return reads.read((db) => listTransactions(db, request, currency));
      },
      'ledger.query.sales': (request) => reads.read((db) => getSales(db, request)),
      'ledger.query.top-vendors': ({ limit }) => reads.read((db) => getTopVendors(db, timeZone, limit)),
      'ledger.query.balance-history': (request) => reads.read((db) => getBalanceHistory(db, request)),
      'ledger.query.lanes': () => listLanes(pool),
      'ledger.query.dead-letters': (request) => reads.read((db) => listDeadLetters(db, request)),
      'ledger.admin.resubmit-dead-letter': (request, { traceparent }) =>
        resubmitDeadLetter({ nc, pool, subjects }, { ...request, traceparent }),
    },
  );
}
