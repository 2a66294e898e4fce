import type { Subjects, VendorId } from '@b2b-charge/contracts';
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
import { resubmitDeadLetter } from './resubmit-dead-letter.ts';

interface QueryOptions {
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly log: Logger;
  readonly pool: pg.Pool;
  readonly lanes: number;
  readonly timeZone: string;
}

/** Every reading of the ledger, answered by any of its processes. */
export function serveQueries({ nc, subjects, log, pool, lanes, timeZone }: QueryOptions): AsyncDisposable {
  return serveCalls(
    { nc, subjects, log },
    {
      'ledger.query.vendor': (request) => getVendor(pool, timeZone, request.vendor_id),
      'ledger.query.vendors': (request) => listVendors(pool, timeZone, request),
      'ledger.query.balance-at': (request) => getBalanceAt(pool, request.vendor_id, request.at),
      'ledger.query.transaction': (request) => getTransaction(pool, request.id, request.vendor_id),
      'ledger.query.chain': (request) => getChain(pool, lanes, request),
      'ledger.query.outcome': (request) =>
        getOutcome(pool, lanes, {
          vendorId: request.vendor_id as VendorId,
          messageId: request.message_id,
          expiresAt: request.expires_at,
          fingerprint: request.fingerprint,
        }),
      'ledger.query.transactions': (request) => {
        if (request.message_id != null && request.vendor_id == null) {
          throw new CallError('BAD_REQUEST', 'a message id is looked up within a vendor');
        }
        return listTransactions(pool, request);
      },
      'ledger.query.sales': (request) => getSales(pool, request),
      'ledger.query.top-vendors': ({ limit }) => getTopVendors(pool, timeZone, limit),
      'ledger.query.balance-history': (request) => getBalanceHistory(pool, request),
      'ledger.query.lanes': () => listLanes(pool),
      'ledger.query.dead-letters': (request) => listDeadLetters(pool, request),
      'ledger.admin.resubmit-dead-letter': (request) => resubmitDeadLetter({ nc, pool, subjects }, request),
    },
  );
}
