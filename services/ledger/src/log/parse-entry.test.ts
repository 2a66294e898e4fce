import { contentType, createSubjects, HEADERS, laneOf } from '@b2b-charge/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PaperLedger } from '../../simulator/given.ts';
import type { Command } from '../domain/command.ts';
import { type LogMessage, parseEntry } from './parse-entry.ts';

const LANES = 16;
const LANE = laneOf(7, LANES);
const subjects = createSubjects();
const GATEWAY = subjects.command(LANE, 'gateway', 7);
const KEY = Buffer.alloc(32, 1);
const BODY = { phone_number: '+989123456789', amount: '50000' };

interface Sent {
  readonly subject?: string;
  readonly body?: unknown;
  readonly payload?: Uint8Array;
  readonly headers?: Record<string, string>;
}

const HEADERS_SENT = {
  [HEADERS.messageId]: 'k',
  [HEADERS.contentType]: contentType('charge.v1'),
  [HEADERS.replyToken]: 'client.12',
  [HEADERS.expiresAt]: '2026-11-23T12:00:00.000Z',
};

const pairs = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`name${index}`, value]));
/** A message as the log stores it: a charge for vendor 7, with what a test changes of it. */
function message({ subject, body, payload, headers }: Sent = {}): LogMessage {
  const all: Record<string, string> = { ...HEADERS_SENT, ...headers };
  return {
    subject: subject ?? subjects.command(LANE, 'till', 7),
    streamSeq: 42,
    timeMs: 1_795_435_100_000,
    payload: payload ?? new TextEncoder().encode(JSON.stringify(body ?? BODY)),
    header: (name) => all[name] ?? '',
    isRepeated: () => false,
    headers: () => Object.entries(all),
  };
}

const parse = (sent: Sent = {}) =>
  parseEntry(message(sent), { lane: LANE, streamEpoch: 3, lanes: LANES, subjects, phoneSaltKey: KEY });

describe('a message that is a command', () => {
  it('is read with its place in the log, its sender and its deadline', () => {
    expect(parse()).toMatchObject({
      kind: 'command',
      lane: LANE,
      streamEpoch: 3,
      streamSeq: 42,
      timeMs: 1_795_435_100_000,
      vendorId: 7,
      source: 'till',
      messageId: 'k',
      expiresAtMs: Date.parse('2026-11-23T12:00:00Z'),
      request: { type: 'charge', ...BODY },
      replyTo: 'ledger.outcomes.till.client.12',
    });
  });

  it.each([
    ['charge', BODY],
    ['credit', { amount: '1.00', reference: 'request 7' }],
    ['reverse', { transaction_id: '01a20f3f-d56e-8000-8000-1c0000000002', reason: 'a wrong number' }],
    ['rebuild', {}],
    ['open-vendor', { name: 'TechCorp', daily_limit: null }],
    ['update-vendor', { status: 'suspended' }],
  ])('may be a %s', (type, body) => {
    const headers = { [HEADERS.contentType]: contentType(`${type}.v1`) };
    expect(parse({ subject: GATEWAY, body, headers })).toMatchObject({
      kind: 'command',
      request: { type, ...body },
    });
  });

  it.each([
    ['without a deadline never expires', { [HEADERS.expiresAt]: '' }, { expiresAtMs: null }],
    ['without a reply token is answered nowhere', { [HEADERS.replyToken]: '' }, { replyTo: null }],
    ['with a strange reply token is answered nowhere', { [HEADERS.replyToken]: 'a.b.c' }, { replyTo: null }],
    [
      'with a wildcard for a reply token is answered nowhere',
      { [HEADERS.replyToken]: '*.>' },
      { replyTo: null },
    ],
    [
      'with JetStream’s id alone has that for its id',
      { [HEADERS.messageId]: '', [HEADERS.natsMessageId]: 'n' },
      { messageId: 'n' },
    ],
    ['with both ids has its own', { [HEADERS.natsMessageId]: 'n' }, { messageId: 'k' }],
  ])('%s', (_, headers, then) => {
    expect(parse({ headers })).toMatchObject({ kind: 'command', ...then });
  });

  it('of a service may have an id that the services make', () => {
    const headers = { [HEADERS.messageId]: '~credit/7' };
    expect(parse({ subject: GATEWAY, headers })).toMatchObject({ kind: 'command', messageId: '~credit/7' });
  });

  it('names the sender: a service by its header, an internal system by itself', () => {
    const headers = { [HEADERS.principal]: 'token:17' };
    expect(parse({ subject: GATEWAY, headers })).toMatchObject({ principal: 'token:17' });
    expect(parse({ subject: GATEWAY })).toMatchObject({ principal: 'system:gateway' });
    expect(parse({ headers })).toMatchObject({ principal: 'system:till' });
  });

  it('has the salt that its publisher made, or always the same one of the ledger', () => {
    const salt = 'ab'.repeat(16);
    expect(parse({ body: { ...BODY, phone_salt: salt } })).toMatchObject({ phoneSalt: salt });
    const { phoneSalt } = parse() as Command;
    expect(phoneSalt).toMatch(/^[0-9a-f]{32}$/);
    expect(parse()).toMatchObject({ phoneSalt });
    expect(parse({ headers: { [HEADERS.messageId]: 'other' } })).not.toMatchObject({ phoneSalt });
  });

  it('has its reply go to its own source, whatever it asks for', () => {
    const entry = parse({ subject: subjects.command(LANE, 'shop', 7) });
    expect(entry.replyTo).toBe('ledger.outcomes.shop.client.12');
  });
});

describe('a message that is no command', () => {
  it.each<[string, Sent, string]>([
    ['on a subject of another form', { subject: 'ledger.commands.3' }, 'MALFORMED'],
    ['with a vendor that is no number', { subject: `ledger.commands.${LANE}.till.x` }, 'MALFORMED'],
    ['with too much behind the vendor', { subject: `ledger.commands.${LANE}.till.7.8` }, 'MALFORMED'],
    ['on another vendor’s lane', { subject: subjects.command((LANE + 1) % LANES, 'till', 7) }, 'WRONG_LANE'],
    ['without an id', { headers: { [HEADERS.messageId]: '' } }, 'MALFORMED'],
    ['with an id that cannot be printed', { headers: { [HEADERS.messageId]: 'a\tb' } }, 'MALFORMED'],
    ['with an id of 256 characters', { headers: { [HEADERS.messageId]: 'x'.repeat(256) } }, 'MALFORMED'],
    ['without a content type', { headers: { [HEADERS.contentType]: '' } }, 'UNKNOWN_SCHEMA'],
    [
      'of a schema that does not exist',
      { headers: { [HEADERS.contentType]: contentType('charge.v2') } },
      'UNKNOWN_SCHEMA',
    ],
    [
      'of an inherited name',
      { headers: { [HEADERS.contentType]: contentType('to-string.v1') } },
      'UNKNOWN_SCHEMA',
    ],
    [
      'by which an internal system would give credit',
      { headers: { [HEADERS.contentType]: contentType('credit.v1') }, body: { amount: '1.00' } },
      'NOT_PERMITTED',
    ],
    ['whose id is the services’ to make', { headers: { [HEADERS.messageId]: '~credit/7' } }, 'NOT_PERMITTED'],
    ['whose body is no JSON', { payload: new TextEncoder().encode('{') }, 'MALFORMED'],
    ['whose body is no UTF-8', { payload: new Uint8Array([0x22, 0xff, 0x22]) }, 'MALFORMED'],
    ['whose body is empty', { payload: new Uint8Array() }, 'MALFORMED'],
    ['with a field too many', { body: { ...BODY, vendor_id: 8 } }, 'MALFORMED'],
    ['with a field too few', { body: { amount: '1' } }, 'MALFORMED'],
    ['with an amount that is a number', { body: { ...BODY, amount: 50_000 } }, 'MALFORMED'],
    ['of nothing', { body: { ...BODY, amount: '0.00' } }, 'MALFORMED'],
    ['of less than nothing', { body: { ...BODY, amount: '-1' } }, 'MALFORMED'],
    ['of three decimals', { body: { ...BODY, amount: '1.001' } }, 'MALFORMED'],
    ['with a deadline that is no time', { headers: { [HEADERS.expiresAt]: 'soon' } }, 'MALFORMED'],
    ['with a deadline in milliseconds', { headers: { [HEADERS.expiresAt]: '1795435200000' } }, 'MALFORMED'],
    [
      'with a deadline without a zone',
      { headers: { [HEADERS.expiresAt]: '2026-11-23T12:00:00' } },
      'MALFORMED',
    ],
    ['with a deadline on no day', { headers: { [HEADERS.expiresAt]: '2026-13-23T12:00:00Z' } }, 'MALFORMED'],
    ['with a salt of another length', { body: { ...BODY, phone_salt: 'ab' } }, 'MALFORMED'],
    ['with a reference of 256 characters', { body: { ...BODY, reference: 'x'.repeat(256) } }, 'MALFORMED'],
    ['with metadata of eleven names', { body: { ...BODY, metadata: pairs(11, 'x') } }, 'MALFORMED'],
    [
      'with metadata of more than 1 KiB',
      { body: { ...BODY, metadata: pairs(3, 'x'.repeat(400)) } },
      'MALFORMED',
    ],
    ['with metadata that is no text', { body: { ...BODY, metadata: { a: 1 } } }, 'MALFORMED'],
    [
      'of a service that names no principal of a known kind',
      { subject: GATEWAY, headers: { [HEADERS.principal]: 'root' } },
      'MALFORMED',
    ],
  ])('%s, says so', (_, sent, reason) => {
    expect(parse(sent)).toMatchObject({ kind: 'unreadable', reason });
  });

  it('is answered, if it says where', () => {
    expect(parse({ body: {} }).replyTo).toBe('ledger.outcomes.till.client.12');
  });

  it('tells one header without reading them all, and so does a command', () => {
    const headers = () => expect.unreachable('all headers were read');
    for (const body of [{}, BODY]) {
      const sent = { ...message({ body, headers: { [HEADERS.traceparent]: 'a trace' } }), headers };
      const entry = parseEntry(sent, {
        lane: LANE,
        streamEpoch: 1,
        lanes: LANES,
        subjects,
        phoneSaltKey: KEY,
      });
      expect(entry.header(HEADERS.traceparent)).toBe('a trace');
      expect(entry.header(HEADERS.expiresAt)).toBe('2026-11-23T12:00:00.000Z');
      expect(entry.header('X-None')).toBe('');
    }
  });

  it('keeps what it was, for the dead letter', () => {
    const sent = message({ body: {} });
    expect(
      parseEntry(sent, { lane: LANE, streamEpoch: 1, lanes: LANES, subjects, phoneSaltKey: KEY }).raw(),
    ).toEqual({
      subject: sent.subject,
      headers: sent.headers(),
      payload: sent.payload,
    });
  });
});

describe('whatever stands in the log', () => {
  const schemas = ['charge', 'credit', 'reverse', 'rebuild', 'open-vendor', 'update-vendor', 'x'];
  const anything = fc.record({
    headers: fc.record({
      [HEADERS.messageId]: fc.string(),
      [HEADERS.contentType]: fc.oneof(
        fc.string(),
        fc.constantFrom(...schemas).map((name) => contentType(`${name}.v1`)),
      ),
      [HEADERS.expiresAt]: fc.oneof(fc.string(), fc.nat().map(String)),
      [HEADERS.replyToken]: fc.string(),
    }),
    payload: fc.oneof(
      fc.uint8Array(),
      fc.json().map((json) => new TextEncoder().encode(json)),
      fc
        .record({ amount: fc.string(), name: fc.string() }, { requiredKeys: [] })
        .map((body) => new TextEncoder().encode(JSON.stringify(body))),
    ),
    subject: fc.oneof(fc.string(), fc.constant(subjects.command(LANE, 'till', 7))),
  });

  it('is read and decided without a fault', () => {
    fc.assert(
      fc.property(anything, (sent) => {
        expect(['recorded', 'expired', 'dead']).toContain(new PaperLedger().batch(parse(sent))[0]?.kind);
      }),
      { numRuns: 2_000 },
    );
  });
});
