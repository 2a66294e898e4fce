import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';

const TIMEOUT_MS = 1_000;

/** Null when it answers within a second, else what is wrong. */
async function answers(work: Promise<unknown>): Promise<string | null> {
  const silence = new Promise<string>((done) =>
    setTimeout(done, TIMEOUT_MS, 'no answer within a second').unref(),
  );
  return Promise.race([work.then(() => null), silence]).catch((error: Error) => error.message);
}

export const postgresHealth = (pool: pg.Pool): Promise<string | null> => answers(pool.query('SELECT 1'));

/** A flush goes to the server and back; while the connection is down it would wait for ever. */
export const natsHealth = (nc: NatsConnection): Promise<string | null> => answers(nc.flush());
