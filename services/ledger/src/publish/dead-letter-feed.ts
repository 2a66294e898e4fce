import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadLetterReason, deadLetterMessageSchema, Subjects } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import type { z } from 'zod';

const PAGE = 100;
const EVERY_MS = 1_000;

interface DeadLetterRow {
  lane: number;
  stream_epoch: number;
  stream_seq: string;
  subject: string;
  message_id: string | null;
  reason: DeadLetterReason;
  detail: string;
  headers: string;
  payload: Buffer;
  created_at: Date;
}

/** LEDGER_DEAD_LETTERS: publishes the table's unpublished rows, by any process, at least once. */
export class DeadLetterFeed implements AsyncDisposable {
  readonly #pool: pg.Pool;
  readonly #js: JetStreamClient;
  readonly #subjects: Subjects;
  readonly #logger: Logger;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: { pool: pg.Pool; nc: NatsConnection; subjects: Subjects; logger: Logger }) {
    this.#pool = options.pool;
    this.#js = jetstream(options.nc);
    this.#subjects = options.subjects;
    this.#logger = options.logger;
    this.#running = this.#run(this.#stopping.signal);
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const published = await this.#publishPage().catch((error: unknown) => {
        this.#logger.warn({ err: error }, 'could not publish dead letters; trying again');
        return 0;
      });
      if (published < PAGE) await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #publishPage(): Promise<number> {
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      const { rows } = await client.query<DeadLetterRow>(
        `SELECT * FROM ledger.dead_letters WHERE NOT published ORDER BY lane, stream_epoch, stream_seq
         LIMIT ${PAGE} FOR UPDATE SKIP LOCKED`,
      );
      for (const row of rows) {
        await this.#publish(row);
        await client.query(
          'UPDATE ledger.dead_letters SET published = true WHERE (lane, stream_epoch, stream_seq) = ($1, $2, $3)',
          [row.lane, row.stream_epoch, row.stream_seq],
        );
      }
      await client.query('COMMIT');
      return rows.length;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {});
      throw error;
    } finally {
      client.release();
    }
  }

  async #publish(row: DeadLetterRow): Promise<void> {
    const { lane, stream_epoch, stream_seq, payload, created_at } = row;
    const letter: z.output<typeof deadLetterMessageSchema> = {
      lane,
      stream_epoch,
      stream_seq: Number(stream_seq),
      subject: row.subject,
      message_id: row.message_id,
      reason: row.reason,
      detail: row.detail,
      headers: JSON.parse(row.headers),
      payload_base64: payload.toString('base64'),
      created_at: created_at.toISOString(),
    };
    const head = headers();
    head.set('Nats-Msg-Id', `${lane}-${stream_epoch}-${stream_seq}`);
    await this.#js.publish(this.#subjects.deadLetter(lane), JSON.stringify(letter), {
      headers: head,
      timeout: 3_000,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }
}
