import type { NatsConnection } from '@nats-io/transport-node';
import type pg from 'pg';
import type { ClockOffset } from './clock-offset.ts';
import type { Health } from './ops-server.ts';

const TIMEOUT_MS = 1_000;

interface Needed {
  readonly pool: pg.Pool;
  readonly nc: NatsConnection;
  readonly clock: Pick<ClockOffset, 'trouble'>;
}

/** Whether PostgreSQL and NATS answer and the clock is right, for a service that needs nothing else to be of use. */
export function healthOf({ pool, nc, clock }: Needed): Health {
  return async () => {
    const [postgres, nats] = await Promise.all([
      answers(pool.query('SELECT 1')),
      // A flush goes to the server and back; while the connection is down it would wait for ever.
      answers(nc.flush()),
    ]);
    return { postgres, nats, clock: clock.trouble };
  };
}

/** Null when it answers within a second, else what is wrong. */
async function answers(work: Promise<unknown>): Promise<string | null> {
  const silence = new Promise<string>((done) =>
    setTimeout(done, TIMEOUT_MS, 'no answer within a second').unref(),
  );
  return Promise.race([work.then(() => null), silence]).catch((error: Error) => error.message);
}
