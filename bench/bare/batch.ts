import { createHash, hash, randomBytes, randomUUID } from 'node:crypto';
import type { JsMsg } from '@nats-io/jetstream';
import type { Envelope, Item, Reply } from './wire.ts';

export interface Head {
  /** Minor units. */
  balance: number;
  seq: number;
  hash: Buffer;
}

interface Row {
  readonly item: Item;
  readonly seq: number;
  readonly before: number;
  readonly after: number;
  readonly previousHash: Buffer;
  readonly hash: Buffer;
  /** The envelope's place in the log. */
  readonly streamSeq: number;
}

/** Rows and cursors that one statement writes, and the replies that follow its commit. */
export class Batch {
  readonly rows: Row[] = [];
  /** Replies by the subject that they go to. */
  readonly replies = new Map<string, Reply[]>();
  readonly #heads: ReadonlyMap<number, Head>;
  readonly #touched = new Set<number>();
  readonly #cursors = new Map<number, number>();

  constructor(heads: ReadonlyMap<number, Head>) {
    this.#heads = heads;
  }

  /** Decides everything in a message. Throws TypeError for a vendor that is not there. */
  add(message: JsMsg): void {
    const { reply, items } = message.json<Envelope>();
    this.#cursors.set(Number(message.subject.slice(message.subject.lastIndexOf('.') + 1)), message.seq);
    const replies = this.replies.get(reply) ?? [];
    this.replies.set(reply, replies);
    for (const item of items) replies.push(this.#decide(item, message.seq));
  }

  #decide(item: Item, streamSeq: number): Reply {
    const [n, vendorId, , amount, key] = item;
    const head = this.#heads.get(vendorId);
    if (!head) throw new TypeError(`no vendor ${vendorId}: the load has more vendors than the bare books`);
    const before = head.balance;
    if (before < amount) return [n, false, head.seq, before, before];
    const previousHash = head.hash;
    head.balance -= amount;
    head.seq++;
    head.hash = createHash('sha256')
      .update(previousHash)
      .update(`${vendorId}|${head.seq}|${key}|${amount}|${before}|${head.balance}`)
      .digest();
    this.#touched.add(vendorId);
    this.rows.push({
      item,
      seq: head.seq,
      before,
      after: head.balance,
      previousHash,
      hash: head.hash,
      streamSeq,
    });
    return [n, true, head.seq, before, head.balance];
  }

  get lanes(): number[] {
    return [...this.#cursors.keys()];
  }

  /** The parameters of WRITE. */
  values(): unknown[] {
    const { rows } = this;
    const touched = [...this.#touched];
    const heads = touched.map((vendorId) => this.#heads.get(vendorId)!);
    return [
      rows.map(({ item }) => item[1]),
      rows.map(({ seq }) => seq),
      rows.map(({ item }) => item[4]),
      rows.map(({ item }) => item[3]),
      rows.map(({ before }) => before),
      rows.map(({ after }) => after),
      rows.map(({ previousHash }) => previousHash),
      rows.map((row) => row.hash),
      touched,
      heads.map(({ balance }) => balance),
      heads.map(({ seq }) => seq),
      heads.map((head) => head.hash),
      [...this.#cursors.keys()],
      [...this.#cursors.values()],
    ];
  }

  /** What WRITE_WIDE takes beyond these. */
  wideValues(): unknown[] {
    const { rows } = this;
    const salts = rows.map(() => randomBytes(16));
    return [
      rows.map(() => randomUUID()),
      rows.map(({ item }) => item[2]),
      salts,
      rows.map(({ item }, index) => createHash('sha256').update(salts[index]!).update(item[2]).digest()),
      rows.map(({ item }) => hash('sha256', `charge|${item[2]}|${item[3]}`, 'buffer').subarray(0, 16)),
      rows.map(() => 'token:1'),
      rows.map(({ item }) => item[5]),
      rows.map(({ streamSeq }) => streamSeq),
    ];
  }
}
