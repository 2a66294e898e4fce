import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { expect, it } from 'vitest';
import { readyHeaders } from './ready-headers.ts';

const encodedBy = (made: MsgHdrs) =>
  Buffer.from((made as unknown as { encode(): Uint8Array }).encode()).toString();

it('are, byte for byte, those of the library', () => {
  const fields = [
    ['Message-Id', 'a key: with a colon'],
    ['Content-Type', 'application/json; schema=charge.v1'],
    ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
  ] as const;
  const theirs = headers();
  for (const [name, value] of fields) theirs.set(name, value);
  expect(encodedBy(readyHeaders(fields))).toBe(encodedBy(theirs));
});

it('have no room for a second line in a value', () => {
  expect(() => readyHeaders([['Message-Id', 'a\r\nReply-Token: b.1']])).toThrow(TypeError);
});
