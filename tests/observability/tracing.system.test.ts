import { afterAll, beforeAll, expect, test } from 'vitest';
import { ok, type System, startSystem, waitFor } from '../harness.ts';
import { type ReceivedSpan, startReceiver } from './trace-receiver.ts';
import { traceTree } from './trace-tree.ts';

const spans: ReceivedSpan[] = [];
const parts = new AsyncDisposableStack();
let system: System;
beforeAll(async () => {
  const receiver = parts.use(await startReceiver(0, (some) => spans.push(...some)));
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_TRACES_SAMPLER_ARG: '0' };
  system = parts.use(
    await startSystem({
      environment: { gateway: traced, ledger: traced, credits: { ...traced, OTEL_TRACES_SAMPLER_ARG: '1' } },
    }),
  );
});
afterAll(() => parts.disposeAsync());

const hex = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
const of = (traceId: string) => spans.filter((span) => span.traceId === traceId);

async function sell(token: string, traceparent: string, key: string) {
  return ok(
    await system.request('POST', '/api/charges/sell/', {
      token,
      headers: { traceparent, 'idempotency-key': key },
      body: { phone_number: '+989123456789', amount: 10 },
    }),
  );
}

test("one sale is one tree: the caller's trace, the request, the command, the batch, the commit, the reply", async () => {
  const { token } = await system.createVendor({ balance: '1000.00' });
  const [traceId, callersSpan] = [hex(16), hex(8)];
  await sell(token, `00-${traceId}-${callersSpan}-01`, 'traced');
  await waitFor(() => of(traceId).length >= 8);
  const mine = of(traceId);
  const one = (name: string) => {
    const found = mine.filter((span) => span.name === name);
    expect(found, name).toHaveLength(1);
    return found[0]!;
  };
  const request = one('POST /api/charges/sell/');
  const sent = one('send charge');
  const decide = one('decide charge');
  const batch = one('batch');
  expect(request.parentSpanId).toBe(callersSpan);
  expect(sent.parentSpanId).toBe(request.spanId);
  expect(decide.parentSpanId).toBe(sent.spanId);
  for (const name of ['wait in the log', 'batch', 'reply'])
    expect(one(name).parentSpanId).toBe(decide.spanId);
  for (const name of ['load', 'commit']) expect(one(name).parentSpanId).toBe(batch.spanId);
  expect([request, sent].map(({ service }) => service)).toEqual(['gateway', 'gateway']);
  expect([decide, batch].map(({ service }) => service)).toEqual(['ledger', 'ledger']);
  expect(request.attributes).toMatchObject({
    'http.response.status_code': 200,
    'http.route': '/api/charges/sell/',
  });
  expect(decide.attributes).toMatchObject({ outcome: 'POSTED', 'messaging.message.id': 'traced' });
  for (const span of mine) expect(span.endMs).toBeGreaterThanOrEqual(span.startMs);
  expect(one('commit').endMs).toBeLessThanOrEqual(one('reply').endMs);
  expect(mine.filter(({ failed }) => failed)).toEqual([]);
  expect(
    traceTree(mine)
      .split('\n')
      .map((line) => line.replace(/ +(gateway|ledger) .*$/, '')),
  ).toEqual([
    'POST /api/charges/sell/',
    '└─ send charge',
    ...[
      '   └─ decide charge',
      '      ├─ wait in the log',
      '      ├─ batch',
      '      │  ├─ load',
      '      │  └─ commit',
      '      └─ reply',
    ],
  ]);
});

test('nothing of a customer is in a span: neither phone number nor amount nor token', () => {
  expect(JSON.stringify(spans)).not.toMatch(/9123456789|amount/);
  expect(spans.length).toBeGreaterThan(0);
});

test('sales of one batch share one batch span, which links to the others', async () => {
  const { token } = await system.createVendor({ balance: '100000.00' });
  const traceIds = Array.from({ length: 40 }, () => hex(16));
  await Promise.all(traceIds.map((id, index) => sell(token, `00-${id}-${hex(8)}-01`, `many-${index}`)));
  const seen = () => spans.filter(({ traceId }) => traceIds.includes(traceId));
  const decided = () => seen().filter(({ name }) => name === 'decide charge');
  await waitFor(() => decided().length === 40);
  const batches = seen().filter(({ name }) => name === 'batch');
  expect(batches.length).toBeLessThan(40);
  const linked = batches.flatMap(({ links, parentSpanId }) => [...links, parentSpanId]);
  expect(linked.toSorted()).toEqual(
    decided()
      .map(({ spanId }) => spanId)
      .toSorted(),
  );
});

test("a caller's unsampled trace stays so, and the ratio is for those who bring none", async () => {
  const { token } = await system.createVendor({ balance: '1000.00' });
  const [unsampled, sampled] = [hex(16), hex(16)];
  const sinceMs = Date.now();
  await sell(token, `00-${unsampled}-${hex(8)}-00`, 'unsampled');
  ok(await system.request('GET', '/api/vendors/balance/', { token }));
  await sell(token, `00-${sampled}-${hex(8)}-01`, 'sampled');
  await waitFor(() => of(sampled).some(({ name }) => name.startsWith('POST')));
  expect(of(unsampled)).toEqual([]);
  const others = spans.filter(
    ({ traceId, service, startMs }) => startMs >= sinceMs && traceId !== sampled && service === 'gateway',
  );
  expect(others).toEqual([]);
});

test('a credit on its way from the credits service is a trace, too', async () => {
  await waitFor(() => spans.some(({ name, service }) => name === 'send credit' && service === 'credits'));
  const sent = spans.find(({ name }) => name === 'send credit')!;
  await waitFor(() => of(sent.traceId).some(({ name }) => name === 'decide credit'));
  expect(of(sent.traceId).find(({ name }) => name === 'decide credit')!.parentSpanId).toBe(sent.spanId);
});
