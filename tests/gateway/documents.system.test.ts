import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ApiClient, ApiError } from '@b2b-charge/client';
import { contentType, HEADERS, laneOf } from '@b2b-charge/contracts';
import { headers } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../harness.ts';
import { Caller } from './caller.ts';
import { ApiDocument } from './document.ts';
import { type System, startSystem, type Vendor } from './system.ts';

const ROOT = path.join(import.meta.dirname, '../..');

let system: System;
let vendor: Vendor;
/** The documents of the gateway and of the back office. */
let documents: ApiDocument[];
beforeAll(async () => {
  system = await startSystem({ services: ['ledger', 'credits', 'reconciler', 'webhooks', 'gateway'] });
  vendor = await system.vendor({ balance: '10000000.00' });
  documents = await Promise.all([system.url, system.base.backofficeUrl].map((url) => ApiDocument.of(url)));
});
afterAll(() => system?.[Symbol.asyncDispose]());

interface Curl {
  readonly line: string;
  readonly expected: number | null;
}

/** The curl commands of a document's code, with the status in their comment. */
async function curlsOf(file: string): Promise<Curl[]> {
  const text = await readFile(path.join(ROOT, file), 'utf8');
  const code = text
    .split('```')
    .filter((_, part) => part % 2 === 1)
    .join('\n');
  return [...code.replaceAll('\\\n', ' ').matchAll(/^curl .*$/gm)].map(([whole]) => {
    const [, line, status] = /^(.*?)(?:\s+#\s*(\d{3}))?$/.exec(whole)!;
    return { line: line!, expected: status === undefined ? null : Number(status) };
  });
}

/** The words of a shell command: quotes and variables, which is all that our documents use. */
function wordsOf(line: string, variables: Record<string, string>): string[] {
  const words = [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)];
  const fill = (text: string) =>
    text.replaceAll(/\$([A-Z_]+)/g, (_, name: string) => {
      if (variables[name] === undefined) throw new Error(`nothing has given $${name} a value`);
      return variables[name];
    });
  return words.map(([, single, double, bare]) => single ?? fill(double ?? bare ?? ''));
}

async function runCurl(line: string, variables: Record<string, string>) {
  const headers: Record<string, string> = {};
  let method = 'GET';
  let body: string | undefined;
  let url = '';
  const words = wordsOf(line, variables).slice(1);
  while (words.length > 0) {
    const word = words.shift()!;
    if (word === '-X') method = words.shift()!;
    else if (word === '-d') body = words.shift();
    else if (word === '-H') {
      const [name, ...value] = words.shift()!.split(':');
      headers[name!.toLowerCase()] = value.join(':').trim();
    } else if (!word.startsWith('-')) url = word;
  }
  const target = new URL(
    url
      .replace('http://127.0.0.1:8000', system.url)
      .replace('http://127.0.0.1:8010', system.base.backofficeUrl),
  );
  return new Caller(target.origin).call(method, target.pathname + target.search, body, headers);
}

test.each(['README.md', 'docs/http-api.md'])('%s: every curl line does what it says', async (file) => {
  const { token } = await system.vendor({ balance: '10000000.00' });
  const variables: Record<string, string> = {
    API: system.url,
    BACKOFFICE: system.base.backofficeUrl,
    TOKEN: token,
    ADMIN: system.base.adminToken,
  };
  const curls = await curlsOf(file);
  expect(curls.length).toBeGreaterThan(4);
  for (const { line, expected } of curls) {
    const answer = await runCurl(line, variables);
    const asSaid = expected === null ? answer.status < 300 : answer.status === expected;
    expect(asSaid, `${line}\n${answer.status} ${answer.text.slice(0, 500)}`).toBe(true);
    const { data } = answer;
    if (data?.transaction_id) variables.TRANSACTION = data.transaction_id;
    if (/credits\/request/.test(line)) variables.CREDIT = String(data.id);
    if (/POST.*admin\/vendors\/"/.test(line)) variables.VENDOR = String(data.vendor_id);
    if (/tokens\/"/.test(line)) variables.TOKEN_ID = String(data.id);
  }
});

/** A sale on another lane than its vendor's: the id of the dead letter that it becomes. */
async function misdirected(): Promise<string> {
  const { nc, subjects } = system.base.playground;
  const head = headers();
  head.set(HEADERS.messageId, 'misdirected');
  head.set(HEADERS.contentType, contentType('charge.v1'));
  const lane = (laneOf(vendor.id, 16) + 1) % 16;
  const body = JSON.stringify({ phone_number: '+989123456789', amount: '1.00' });
  nc.publish(subjects.command(lane, 'gateway', vendor.id), body, { headers: head });
  const letters = async () => (await system.admin.get('/api/admin/dead-letters/')).data.dead_letters;
  await waitFor(async () => (await letters()).length > 0);
  return (await letters())[0].id;
}

test('every example of the OpenAPI document is accepted, and answered as described', async () => {
  const sold = await vendor.api.sell({ phone_number: '+989123456780', amount: 1 });
  const asked = await vendor.api.post('/api/credits/request/', { amount: 1 });
  const ids = {
    transactions: sold.data.transaction_id,
    credits: asked.data.id,
    vendors: vendor.id,
    'dead-letters': await misdirected(),
  };
  const made = await vendor.api.post('/api/webhooks/', {
    url: 'https://shop.example/',
    event_types: ['credit-posted'],
  });
  const { webhook } = made.data;
  let tried = 0;
  for (const [document, described] of documents.flatMap((one) =>
    one.operations.map((operation) => [one, operation] as const),
  )) {
    const schema = described.operation.requestBody?.content['application/json'].schema as
      | { $ref: string }
      | undefined;
    if (!schema) continue;
    const [example] = document.document.components.schemas[schema.$ref.split('/').at(-1)!]!
      .examples as unknown[];
    const kind = /\/(transactions|credits|vendors|dead-letters)\/\{/.exec(
      described.path,
    )?.[1] as keyof typeof ids;
    const caller = described.operation['x-access'] === 'admin' ? system.admin : vendor.api;
    const answer = await caller.call(
      described.method,
      described.path.replace('{id}', String(ids[kind])).replace('{webhook_id}', String(webhook.id)),
      example,
    );
    expect(document.complaint(described, answer)).toBeNull();
    expect(answer.status, `${described.path} ${answer.text}`).toBeLessThan(300);
    tried++;
  }
  expect(tried).toBeGreaterThan(9);
});

test('the typed client: sell, repeat, ask by key, and be told no', async () => {
  const client = new ApiClient({ url: system.url, token: vendor.token });
  const body = { phone_number: '+989123456789', amount: '12.50' };
  const first = await client.call('sellCharge', { body, idempotencyKey: 'typed-1' });
  if (first.status !== 200) throw new Error(`answered ${first.status}`);
  expect([first.data.amount, first.replayed]).toEqual([12.5, false]);
  const repeat = await client.call('sellCharge', { body, idempotencyKey: 'typed-1' });
  expect([repeat.data, repeat.replayed]).toEqual([first.data, true]);
  const found = await client.call('getChargeByKey', { params: { key: 'typed-1' } });
  expect(found.status === 200 && found.data.transaction_id).toBe(first.data.transaction_id);
  const { data } = await client.call('listTransactions', { query: { limit: 1, type: 'charge' } });
  expect(data.transactions).toHaveLength(1);
  const refusal = client.call('sellCharge', {
    body: { ...body, amount: 99_999_999 },
    idempotencyKey: 'typed-2',
  });
  await expect(refusal).rejects.toThrow(ApiError);
  await expect(refusal).rejects.toMatchObject({ status: 402, code: 'INSUFFICIENT_BALANCE' });
});

test('/docs is a page of its own assets only, which a strict policy allows', async () => {
  const caller = new Caller(system.url);
  const page = await caller.get('/docs');
  const policy = page.headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]!);
  expect(assets).toEqual(['/docs/style.css', '/openapi.json', '/docs/app.js']);
  for (const asset of assets) expect((await caller.get(asset)).status, asset).toBe(200);
  expect(page.text).not.toMatch(/<script>|\sstyle=|\son[a-z]+=/);
});
