import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '../../services/ledger/src/config.ts';
import { startLedger } from '../../services/ledger/src/service.ts';
import { createPlayground, type Playground, testLogger } from '../harness.ts';

const stack = new AsyncDisposableStack();
let playground: Playground;
beforeAll(async () => {
  playground = stack.use(await createPlayground());
  stack.use(await startLedger(parseConfig(playground.environment('ledger')), testLogger('ledger')));
});
afterAll(() => stack.disposeAsync());

test.each([
  ['a NUL in an id', 'transaction', '{"id":"a\\u0000b"}', /NUL/],
  ['a NUL in a search', 'vendors', '{"search":"\\u0000"}', /NUL/],
  ['a duplicate name', 'vendor', '{"vendor_id":1,"vendor_id":2}', /duplicate name "vendor_id"/],
  ['a byte order mark', 'vendor', '\ufeff{"vendor_id":1}', /not JSON/],
  ['bytes that are no UTF-8', 'vendor', Buffer.from([0x7b, 0xff, 0x7d]), /not JSON/],
])('a request with %s is refused, and not as a fault of ours', async (_, name, body, message) => {
  const reply = await playground.nc.request(playground.subjects.call(`ledger.query.${name}`), body);
  expect(reply.json()).toEqual({
    ok: false,
    error: { code: 'BAD_REQUEST', message: expect.stringMatching(message) },
  });
});
