import { headers } from '@nats-io/transport-node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePlainHeaders } from './plain-headers.ts';

const MsgHdrsImpl = headers().constructor as unknown as {
  decode(block: Uint8Array): { keys(): string[]; get(name: string): string };
};
const libraryReads = (block: string) => MsgHdrsImpl.decode(Buffer.from(block, 'latin1'));

const name = fc.stringMatching(/^[\w-]{1,12}$/);
const value = fc.oneof(fc.stringMatching(/^[ -~]{0,40}$/), fc.string({ maxLength: 20 }));
const field = fc.tuple(name, value).map(([key, text]) => `${key}:${text}\r\n`);
const blocks = fc.oneof(
  {
    arbitrary: fc.array(field, { maxLength: 8 }).map((fields) => `NATS/1.0\r\n${fields.join('')}\r\n`),
    weight: 4,
  },
  { arbitrary: fc.string({ maxLength: 80 }), weight: 1 },
);

describe('headers read from their bytes', () => {
  it('are what the library reads, or are left to it', () => {
    let read = 0;
    fc.assert(
      fc.property(blocks, (block) => {
        const fields = parsePlainHeaders(block);
        if (!fields) return;
        read++;
        const theirs = libraryReads(block);
        expect([...fields.keys()].toSorted()).toEqual(theirs.keys().toSorted());
        for (const [key, text] of fields) expect(text).toBe(theirs.get(key));
      }),
      { numRuns: 2_000 },
    );
    expect(read).toBeGreaterThan(200);
  });

  it.each([
    ['a status line', 'NATS/1.0 503 No Responders\r\n\r\n'],
    ['a name that is none', 'NATS/1.0\r\nbad name : x\r\n\r\n'],
    ['a line without a colon', 'NATS/1.0\r\nMessage-Id\r\n\r\n'],
    ['another alphabet', 'NATS/1.0\r\nMessage-Id: \u00fc\r\n\r\n'],
    ['no end', 'NATS/1.0\r\nMessage-Id: 1\r\n'],
  ])('leave %s to it', (_, block) => {
    expect(parsePlainHeaders(block)).toBeNull();
  });

  it('leave a name that comes twice to it', () => {
    expect(parsePlainHeaders('NATS/1.0\r\na: 1\r\na: 2\r\n\r\n')).toBeNull();
  });
});
