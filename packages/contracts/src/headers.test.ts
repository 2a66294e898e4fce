import { describe, expect, it } from 'vitest';
import { contentType, HEADER_RULES, HEADERS, messageIdIn, REPLY_TOKEN, schemaOf } from './headers.ts';

const headersOf =
  (fields: Readonly<Record<string, string | null>>) =>
  (name: string): string | null | undefined =>
    fields[name];

describe('the message id of a command', () => {
  it.each([
    ['is its own header', { 'Message-Id': 'a', 'Nats-Msg-Id': 'b' }, 'a'],
    ['is that of JetStream, if there is no other', { 'Nats-Msg-Id': 'b' }, 'b'],
    ['is that of JetStream, if its own is empty', { 'Message-Id': '', 'Nats-Msg-Id': 'b' }, 'b'],
    ['is empty without either', { 'Message-Id': null }, ''],
  ])('%s', (_, fields, id) => {
    expect(messageIdIn(headersOf(fields))).toBe(id);
  });
});

describe('the schema of a command', () => {
  it('is the one that its content type was made for', () => {
    expect(schemaOf(contentType('update-vendor.v1'))).toBe('update-vendor.v1');
  });

  it.each([
    ['application/json;schema=charge.v1', 'charge.v1'],
    ['application/json; \t schema=open-vendor.v12', 'open-vendor.v12'],
    ['application/json', null],
    ['text/plain; schema=charge.v1', null],
    ['application/json; schema=charge', null],
    ['application/json; schema=charge.v', null],
    ['application/json; schema=.v1', null],
    ['application/json; schema=charge.v1; charset=utf-8', null],
    ['x application/json; schema=charge.v1', null],
    ['application/json; schema=Charge.v1', null],
  ])('of %j is %j', (header, schema) => {
    expect(schemaOf(header)).toBe(schema);
  });
});

describe('a reply token', () => {
  it.each([`a.1`, 'Till_7-x.42', `${'a'.repeat(40)}.${'9'.repeat(40)}`])('may be %s', (token) => {
    expect(token).toMatch(REPLY_TOKEN);
  });
  it.each([
    '',
    'a',
    '.1',
    'a.',
    'a.1.2',
    'a b.1',
    '*.1',
    'a.>',
    `${'a'.repeat(41)}.1`,
    `a.${'1'.repeat(41)}`,
    'a.1\n',
  ])('may not be %j', (token) => {
    expect(token).not.toMatch(REPLY_TOKEN);
  });
});

describe('the published rule of a header', () => {
  const accepted: Readonly<Record<string, [takes: string[], refuses: string[]]>> = {
    'Message-Id': [
      ['a', 'a b', '~'.repeat(255)],
      ['', ' a', 'a ', 'é', 'x'.repeat(256)],
    ],
    'Content-Type': [
      ['application/json; schema=charge.v1', 'application/json;schema=open-vendor.v10'],
      [
        'application/json',
        'application/json; schema=charge',
        'x application/json; schema=a.v1',
        'application/json; schema=a.v1 ',
      ],
    ],
    'Expires-At': [
      ['0', '1795435200000'],
      ['', '-1', '1.5', 'x1', '1x', '1'.repeat(16)],
    ],
    'Reply-Token': [['till-7.42'], ['till', 'a.b.c']],
    traceparent: [
      [`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01-more`],
      [
        '',
        `x00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
        `00-${'a'.repeat(31)}-${'b'.repeat(16)}-01`,
        `00-${'g'.repeat(32)}-${'b'.repeat(16)}-01`,
      ],
    ],
    'Nats-Msg-Id': [
      ['a', 'a b', '~'.repeat(255)],
      ['', ' a', 'a ', 'é', 'x'.repeat(256)],
    ],
  };

  it('is there for every header, and says in words what it is for', () => {
    expect(HEADER_RULES.map(({ name }) => name).toSorted()).toEqual(Object.values(HEADERS).toSorted());
    expect(Object.keys(accepted).toSorted()).toEqual(Object.values(HEADERS).toSorted());
    for (const { meaning } of HEADER_RULES) expect(meaning).not.toBe('');
  });

  it('asks for the key and the schema alone', () => {
    const required = HEADER_RULES.filter((rule) => rule.required).map(({ name }) => name);
    expect(required).toEqual(['Message-Id', 'Content-Type']);
  });

  it.each(HEADER_RULES.map((rule) => [rule.name, rule] as const))(
    '%s takes its example, and no other form',
    (name, rule) => {
      const pattern = new RegExp(rule.pattern, 'u');
      const [takes, refuses] = accepted[name]!;
      for (const text of [rule.example, ...takes]) expect(text).toMatch(pattern);
      for (const text of refuses) expect(text).not.toMatch(pattern);
    },
  );
});
