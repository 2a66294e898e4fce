import type { Fleet } from '@b2b-charge/stack';
import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import type { Claim } from '../load/book.ts';
import { checkChain } from './chain.ts';
import { checkClaims } from './claims.ts';
import { checkCopies } from './copies.ts';
import type { Findings } from './findings.ts';
import { type Executed, LogAccount, type LogTally } from './log.ts';
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
  readonly findings: Findings;
}

/** Proves the books against the clients' record, the log, the events and the copies. Everything must be quiet. */
export async function checkEverything(options: CheckOptions): Promise<Checked> {
  const { fleet, db, nc, claims, findings } = options;
  const byKey = new Map<string, Executed>();
  const chains = new Map<number, { balance_after: string }[]>();
  const ids = new Set<string>();
  const ofVendor = Map.groupBy(claims, ({ vendorId }) => vendorId);
  const vendors = await readVendors(db);
  for (const stored of vendors) {
    const vendorId = stored.vendor_id;
    const rows = await readChain(db, vendorId);
    const balance = checkChain(rows, stored, findings);
    const tally = checkClaims({ vendorId, claims: ofVendor.get(vendorId) ?? [] }, rows, findings);
    if (tally !== balance)
      findings.add(
        'conservation',
        `vendor ${vendorId}: the balance is ${balance}, the clients' tally ${tally}`,
      );
    for (const row of rows) {
      byKey.set(`${vendorId} ${row.message_id}`, executedOf(row));
      ids.add(row.id);
    }
    chains.set(
      vendorId,
      rows.map(({ balance_after }) => ({ balance_after })),
    );
  }
  const log = await checkLog(options, byKey);
  const missing = new Set(ids);
  const events = await readStream(nc, 'LEDGER_EVENTS', (message) => {
    missing.delete(message.headers?.get('Nats-Msg-Id') ?? '');
  });
  for (const id of missing) findings.add('events', `transaction ${id} was never announced`);
  const copies = await checkCopies(fleet.redis.url, chains, findings);
  return { vendors: vendors.length, transactions: ids.size, events, copies, log };
}

async function checkLog(
  { db, nc, findings }: CheckOptions,
  byKey: ReadonlyMap<string, Executed>,
): Promise<LogTally> {
  const lanes = await readLanes(db);
  const account = new LogAccount({ lanes, unexecuted: await readUnexecuted(db), byKey, findings });
  const end = await readStream(nc, 'LEDGER_COMMANDS', (message) => account.take(message));
  account.finish();
  for (const { lane, cursor_seq } of lanes) {
    if (Number(cursor_seq) > end)
      findings.add('serial', `lane ${lane}: its cursor is ${cursor_seq}, the log ends at ${end}`);
  }
  return account.tally;
}

const executedOf = ({
  message_id,
  fingerprint,
  created_ms,
  stream_epoch,
  stream_seq,
}: Executed): Executed => ({
  message_id,
  fingerprint,
  created_ms,
  stream_epoch,
  stream_seq,
});
