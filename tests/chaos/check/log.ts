import { hash } from 'node:crypto';
import type { JsMsg } from '@nats-io/jetstream';
import type pg from 'pg';
import { Bits } from './bits.ts';
import type { Findings } from './findings.ts';
import { type Executed, type LaneRow, type Row, readExecuted, type Unexecuted } from './rows.ts';

export interface LogTally {
  messages: number;
  executed: number;
  repeats: number;
  conflicts: number;
  expired: number;
  dead: number;
}

interface LogCheck {
  readonly db: pg.Pool;
  readonly lanes: readonly LaneRow[];
  readonly unexecuted: Unexecuted;
  readonly findings: Findings;
}

/** Accounts for every command of the log, one by one: executed here, a repeat, expired, or a dead letter. */
export class LogAccount {
  readonly tally: LogTally = { messages: 0, executed: 0, repeats: 0, conflicts: 0, expired: 0, dead: 0 };
  readonly #check: LogCheck;
  readonly #executedAt = new Bits();

  constructor(check: LogCheck) {
    this.#check = check;
  }

  async take(batch: readonly JsMsg[]): Promise<void> {
    const keys = batch.map((message) => ({
      vendorId: Number(message.subject.split('.')[4]),
      messageId: message.headers?.get('Message-Id') ?? '',
    }));
    const known = await readExecuted(this.#check.db, keys);
    for (const [index, message] of batch.entries()) this.#take(message, known.get(index));
  }

  #take(message: JsMsg, known: Executed | undefined): void {
    const { lanes, unexecuted, findings } = this.#check;
    const [, , lane, , vendor] = message.subject.split('.');
    const header = (name: string) => message.headers?.get(name) ?? '';
    const epoch = lanes[Number(lane)]?.stream_epoch ?? 1;
    const where = `log ${message.seq} (${vendor} ${header('Message-Id')})`;
    this.tally.messages++;
    if (known && known.stream_epoch === epoch && Number(known.stream_seq) === message.seq) {
      this.tally.executed++;
      this.#executedAt.add(message.seq);
      if (known.fingerprint !== fingerprintOf(message, known.phone_salt ?? saltIn(message)))
        findings.add('exactly-once', `${where}: what was executed is not what was sent`);
      const expires = header('Expires-At');
      if (expires !== '' && Number(known.created_ms) >= Date.parse(expires))
        findings.add('bounded-doubt', `${where}: executed ${known.created_ms}, deadline ${expires}`);
    } else if (unexecuted.expired.has(`${vendor} ${epoch} ${message.seq}`)) this.tally.expired++;
    else if (unexecuted.dead.has(`${epoch} ${message.seq}`)) {
      this.tally.dead++;
      findings.add(
        'no-silent-loss',
        `${where}: a dead letter, ${unexecuted.dead.get(`${epoch} ${message.seq}`)}`,
      );
    } else if (known && isEarlier(known, epoch, message.seq)) {
      if (known.fingerprint === fingerprintOf(message, known.phone_salt)) this.tally.repeats++;
      else this.tally.conflicts++;
    } else findings.add('no-silent-loss', `${where}: accepted, and nothing became of it`);
  }

  /** What was executed must stand in the log; what an earlier log held, before a rollback, cannot be seen any more. */
  expect(row: Row): void {
    const { lanes, findings } = this.#check;
    const epoch = Math.max(...lanes.map(({ stream_epoch }) => stream_epoch));
    if (row.stream_epoch === epoch && !this.#executedAt.has(Number(row.stream_seq)))
      findings.add(
        'exactly-once',
        `${row.vendor_id} ${row.message_id}: executed from log ${row.stream_seq}, which does not hold it`,
      );
  }
}

const isEarlier = (row: Executed, epoch: number, seq: number): boolean =>
  row.stream_epoch < epoch || (row.stream_epoch === epoch && Number(row.stream_seq) < seq);

/** An erased row has no salt any more; the log has it for seven days. */
const saltIn = (message: JsMsg): string | null => message.json<{ phone_salt?: string }>().phone_salt ?? null;

/** As docs/ledger.md describes it, from the bytes of the message. */
function fingerprintOf(message: JsMsg, salt: string | null): string {
  const body = message.json<Record<string, string | null | undefined>>();
  const schema = /schema=([a-z-]+)\.v1$/.exec(message.headers?.get('Content-Type') ?? '')?.[1] ?? '';
  const text = JSON.stringify([schema, ...fieldsOf(schema, body)]);
  return hash('sha256', `${salt ?? ''}\n${text}`).slice(0, 32);
}

function fieldsOf(schema: string, body: Record<string, string | null | undefined>): unknown[] {
  switch (schema) {
    case 'charge':
      return [body.phone_number, body.amount, body.reference ?? null, body.metadata ?? null];
    case 'credit':
      return [body.amount, body.reference ?? null];
    case 'reverse':
      return [body.transaction_id, body.reason];
    case 'open-vendor':
      return [body.name, limitOf(body.daily_limit), body.livemode ?? true];
    default:
      return [];
  }
}

function limitOf(limit: string | null | undefined): unknown {
  if (limit === undefined) return null;
  return limit === null ? [] : [limit];
}
