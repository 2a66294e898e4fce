import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Caller } from './caller.ts';
import { ApiDocument, type Described } from './document.ts';
import { type System, startSystem, type Vendor } from './system.ts';

/** Requests per operation, of those that fit the document and of those that do not. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 10);
/** The same requests on every run; FUZZ_RUNS=100 for a long run, which looks for new ones. */
const SEED = Number(process.env.FUZZ_SEED ?? (process.env.FUZZ_RUNS ? Date.now() % 1_000_000 : 1));

let system: System;
let vendor: Vendor;
/** The documents of the gateway and of the back office. */
let apis: ApiDocument[];
beforeAll(async () => {
  system = await startSystem({
    services: ['ledger', 'credits', 'reconciler', 'webhooks', 'gateway'],
    gateway: { AUTH_FAILURE_POINTS: '1000000', ALLOWED_HOSTS: '*' },
    backoffice: { AUTH_FAILURE_POINTS: '1000000', ALLOWED_HOSTS: '*' },
  });
  vendor = await system.vendor({ balance: '100000000.00' });
  apis = await Promise.all([system.url, system.base.backofficeUrl].map((url) => ApiDocument.of(url)));
});
afterAll(() => system?.[Symbol.asyncDispose]());

interface Request {
  readonly params: Record<string, unknown>;
  readonly query: Record<string, unknown>;
  readonly headers: Record<string, string>;
  readonly body: unknown;
  readonly token: 'right' | 'other' | 'none' | 'bad';
}

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom(
    "' OR 1=1 --",
    '../../etc/passwd',
    '%00',
    '*',
    '>',
    'a.b',
    '١٢٣',
    '1e3',
    '0x10',
    '-0',
    'null',
    '__proto__',
  ),
);

/** What the document allows, sometimes with one part replaced by anything. */
function requests(api: ApiDocument, { operation }: Described, wild: boolean): fc.Arbitrary<Request> {
  const group = (place: string) => {
    const parameters = operation.parameters.filter((parameter) => parameter.in === place);
    const values = parameters.map(({ name, schema }): [string, fc.Arbitrary<unknown>] => [
      name,
      wild ? fc.oneof(api.valuesOf(schema), nasty) : api.valuesOf(schema),
    ]);
    return fc.record<Record<string, unknown>>(Object.fromEntries(values), {
      requiredKeys: parameters.filter(({ required }) => required).map(({ name }) => name),
    });
  };
  const schema = operation.requestBody?.content['application/json'].schema;
  const body = schema ? api.valuesOf(schema) : fc.constant(undefined);
  return fc.record({
    params: group('path'),
    query: group('query'),
    headers: group('header') as fc.Arbitrary<Record<string, string>>,
    body:
      wild && schema
        ? fc.oneof(
            body,
            fc.jsonValue(),
            fc.json().map((text) => text.slice(1)),
          )
        : body,
    token: wild ? fc.constantFrom('right', 'right', 'right', 'other', 'none', 'bad') : fc.constant('right'),
  });
}

async function send({ url, method, path, operation }: Described, request: Request) {
  const target = path.replaceAll(/\{([a-z_]+)\}/g, (_, name) =>
    encodeURIComponent(String(request.params[name])),
  );
  const query = new URLSearchParams(
    Object.entries(request.query).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const admin = operation['x-access'] === 'admin';
  const tokens = {
    right: admin ? system.base.adminToken : vendor.token,
    other: admin ? vendor.token : system.base.adminToken,
    none: undefined,
    bad: 'x'.repeat(40),
  };
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(
      ([, value]) => /^[\x20-\x7e]*$/.test(value) && value.trim() === value,
    ),
  );
  return new Caller(url, tokens[request.token]).call(
    method,
    query.size > 0 ? `${target}?${query}` : target,
    request.body,
    headers,
  );
}

/** A segment that a URL parser takes away is another path. */
const reaches = ({ params }: Request) =>
  Object.values(params).every((value) => !/^(\.|%2e){0,2}$/i.test(String(value)));

const TRACES = /node_modules|\bat [\w.<>]+ \(|\.ts:\d+|SELECT |INSERT |pg_catalog|stack"/;

test('whatever is sent, no answer is a fault, and every answer is as the document says', async () => {
  let sent = 0;
  const statuses = new Map<number, number>();
  const operations = apis.flatMap((api) => api.operations.map((described) => [api, described] as const));
  for (const wild of [false, true]) {
    for (const [api, described] of operations) {
      await fc.assert(
        fc.asyncProperty(requests(api, described, wild).filter(reaches), async (request) => {
          const answer = await send(described, request);
          sent++;
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          expect(answer.text).not.toMatch(TRACES);
          expect(answer.status, `${described.path} ${answer.text}`).toBeLessThan(500);
          expect(api.complaint(described, answer)).toBeNull();
          expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
        }),
        { numRuns: RUNS, seed: SEED },
      );
    }
  }
  const counts = [...statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  process.stdout.write(`fuzz: ${sent} requests, seed ${SEED}, ${counts.join(', ')}\n`);
  expect(sent).toBeGreaterThan(operations.length * RUNS);
  expect(statuses.get(200)).toBeGreaterThan(RUNS);
}, 300_000);

test('after all that, the books are in order', async () => {
  const verified = await vendor.api.get('/api/balance/verify/?full=true');
  expect(verified.data).toMatchObject({ level: 'VERIFIED', discrepancy: 0 });
});
