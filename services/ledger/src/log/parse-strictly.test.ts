import { contentType, createSubjects, HEADERS, laneOf } from '@b2b-charge/contracts';
import { describe, expect, it } from 'vitest';
import { parseEntry } from './parse-entry.ts';

const subjects = createSubjects();
const lane = laneOf(7, 16);
const BODY = '{"phone_number":"+989123456789","amount":"1.00"}';
const SENT: Record<string, string> = {
  [HEADERS.messageId]: 'k',
  [HEADERS.contentType]: contentType('charge.v1'),
};

const parse = (body: string, repeated?: string) =>
  parseEntry(
    {
      subject: subjects.command(lane, 'till', 7),
      streamSeq: 42,
      timeMs: 1_795_435_100_000,
      payload: new TextEncoder().encode(body),
      header: (name) => SENT[name] ?? '',
      isRepeated: (name) => name === repeated,
      headers: () => Object.entries(SENT),
    },
    { lane, streamEpoch: 3, lanes: 16, subjects, phoneSaltKey: Buffer.alloc(32, 1) },
  );

it('a command that HTTP would take is taken', () => {
  expect(parse(BODY).kind).toBe('command');
});

describe('what HTTP refuses is refused here', () => {
  it.each<[string, string, string | undefined, RegExp]>([
    ['a duplicate name', BODY.replace('}', ',"amount":"5.00"}'), undefined, /duplicate name "amount"/],
    ['one, escaped', BODY.replace('}', ',"\\u0061mount":"5.00"}'), undefined, /duplicate name "amount"/],
    ['a byte order mark', `\ufeff${BODY}`, undefined, /not JSON/],
    ['nine levels', `${'['.repeat(10)}${']'.repeat(10)}`, undefined, /nested deeper/],
    ['two Message-Ids', BODY, HEADERS.messageId, /Message-Id: stands there twice/],
  ])('%s', (_, body, repeated, detail) => {
    const entry = parse(body, repeated);
    expect(entry).toMatchObject({ kind: 'unreadable', reason: 'MALFORMED' });
    expect((entry as { detail: string }).detail).toMatch(detail);
  });
});
