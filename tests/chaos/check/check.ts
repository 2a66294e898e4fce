import type { Fleet } from '@b2b-charge/stack';
import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import type { Claim } from '../load/book.ts';
import { Announced } from './announced.ts';
import { checkChain } from './chain.ts';
import { checkClaims, type MoreClaims } from './claims.ts';
import { Copies } from './copies.ts';
import type { Findings } from './findings.ts';
import { LogAccount, type LogTally } from './log.ts';
import { readChain, readLanes, readUnexecuted, readVendors } from './rows.ts';
import { readStream } from './streams.ts';

export interface Checked {
  vendors: number;
  transactions: number;
  events: number;
  copies: number;
  log: LogTally;
}

interface CheckOptions {
  readonly fleet: Fleet;
  readonly db: pg.Pool;
  readonly nc: NatsConnection;
  readonly claims: readonly Claim[];
  /** Phone numbers that were erased: their rows have none. */
  readonly erased?: ReadonlySet<string> | undefined;
  /** A record of sales too many to be claims. */
  readonly more?: MoreClaims;
  readonly findings: Findings;
}

/**
 * Proves the books against the clients' record, the log, the events and the copies. Everything must be quiet. Holds the
 * rows of one vendor at a time, a bit for each command of the log and eight bytes for each event.
 */
export async function checkEverything(options: CheckOptions): Promise<Checked> {
  const { fleet, db, nc, claims, erased, more, findings } = options;
  const ofVendor = Map.groupBy(claims, ({ vendorId }) => vendorId);
  const announced = new Announced();
  const [log, events] = await Promise.all([
    readLog(options),
    readStream(nc, 'LEDGER_EVENTS', (batch) => {
      for (const message of batch) announced.take(message);
    }),
  ]);
  using copies = new Copies(fleet.redis.url, findings);
  const vendors = await readVendors(db);
  let transactions = 0;
  for (const stored of vendors) {
    const vendorId = stored.vendor_id;
    const rows = await readChain(db, vendorId);
    const balance = checkChain(rows, stored, findings);
    const tally = checkClaims(
      { vendorId, claims: ofVendor.get(vendorId) ?? [], erased, more },
      rows,
      findings,
    );
    if (tally !== balance)
      findings.add(
        'conservation',
        `vendor ${vendorId}: the balance is ${balance}, the clients' tally ${tally}`,
      );
    for (const row of rows) {
      log.expect(row);
      if (!announced.has(row)) findings.add('events', `transaction ${row.id} was never announced`);
    }
    await copies.check(vendorId, rows);
    transactions += rows.length;
  }
  more?.finish(findings);
  return { vendors: vendors.length, transactions, events, copies: copies.checked, log: log.tally };
}

async function readLog({ db, nc, findings }: CheckOptions): Promise<LogAccount> {
  const lanes = await readLanes(db);
  const account = new LogAccount({ db, lanes, unexecuted: await readUnexecuted(db), findings });
  const end = await readStream(nc, 'LEDGER_COMMANDS', (batch) => account.take(batch));
  for (const { lane, cursor_seq } of lanes) {
    if (Number(cursor_seq) > end)
      findings.add('serial', `lane ${lane}: its cursor is ${cursor_seq}, the log ends at ${end}`);
  }
  return account;
}
