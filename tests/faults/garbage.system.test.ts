import { jetstream } from '@nats-io/jetstream';
import { headers, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../services/ledger/src/config.ts';
import { startLedger } from '../../services/ledger/src/service.ts';
import { createPlayground, type Playground, testLogger, waitFor } from '../harness.ts';
import { rawHeaders } from '../raw-headers.ts';

/** What a NATS server takes and no publisher of ours would send: each must be buried, and the lane go on. */

let playground: Playground;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  playground = stack.use(await createPlayground());
  stack.use(await startLedger(parseConfig(playground.environment('ledger')), testLogger('ledger')));
});
afterAll(() => stack.disposeAsync());

async function publish(nc: NatsConnection, subject: string, head: MsgHdrs, body: string): Promise<number> {
  const ack = await jetstream(nc, { checkAPI: false }).publish(subject, body, { headers: head });
  return ack.seq;
}

test.each<[string, string, MsgHdrs]>([
  ['a NUL in the subject', 'ledger.commands.1.gateway.a\0b', headers()],
  ['a NUL for the lane', 'ledger.commands.\0.gateway.1', headers()],
  ['half a character in the subject', 'ledger.commands.4.gateway.\ud800x', headers()],
  ['headers that are none', 'ledger.commands.2.gateway.5', rawHeaders('garbage\r\n\r\n')],
  ['a header without a name', 'ledger.commands.2.gateway.5', rawHeaders('NATS/1.0\r\n: x\r\n\r\n')],
  [
    'a header name that is none',
    'ledger.commands.2.gateway.5',
    rawHeaders('NATS/1.0\r\nbad name : x\r\n\r\n'),
  ],
  ['NULs in a header', 'ledger.commands.2.gateway.5', rawHeaders('NATS/1.0\r\nMessage-Id: \xff\0\r\n\r\n')],
  ['a status for headers', 'ledger.commands.2.gateway.5', rawHeaders('NATS/1.0 503\r\n\r\n')],
])('%s becomes a dead letter, and the lanes go on', async (_, subject, head) => {
  const seq = await publish(playground.nc, `${playground.namespace}.${subject}`, head, '\0{');
  const letters = async () =>
    (await playground.sql('SELECT FROM ledger.dead_letters WHERE stream_seq = $1', [seq])).rows.length;
  await expect.poll(letters, { timeout: 10_000 }).toBe(1);
});

test('a new owner passes what it cannot read, too', async () => {
  const head = rawHeaders('NATS/1.0\r\nbad name : x\r\n\r\n');
  const subject = `${playground.namespace}.ledger.commands.3.gateway.5`;
  const last = await publish(playground.nc, subject, head, '');
  await waitFor(async () => {
    const { rows } = await playground.sql('SELECT FROM ledger.lanes WHERE cursor_seq < $1', [last]);
    return rows.length === 0;
  });
  // Every cursor stands on that very message now: whoever compares it with the log must be able to.
  const heir = await startLedger(parseConfig(playground.environment('ledger')), testLogger('ledger'));
  try {
    const next = await publish(playground.nc, subject, headers(), '');
    await waitFor(async () => {
      const { rows } = await playground.sql('SELECT FROM ledger.lanes WHERE cursor_seq >= $1', [next]);
      return rows.length === 16;
    });
    expect(next).toBe(last + 1);
  } finally {
    await heir[Symbol.asyncDispose]();
  }
});
