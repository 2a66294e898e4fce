import { expect, test } from 'vitest';
import { readPubAck, secretInbox } from './pub-ack.ts';

test.each([
  ['an acknowledgement', '{"stream":"LOG", "seq":7}', 'stored'],
  ['that of a repeat', '{"stream":"LOG","seq":7,"duplicate":true}', 'stored'],
  [
    'a refusal',
    '{"error":{"code":503,"description":"maximum bytes"},"stream":"LOG","seq":0}',
    { refused: 'maximum bytes' },
  ],
  ['the acknowledgement of another stream', '{"stream":"OTHER","seq":7}', null],
  ['one without a sequence', '{"stream":"LOG"}', null],
  ['the sequence 0', '{"stream":"LOG","seq":0}', null],
  ['a sequence as text', '{"stream":"LOG","seq":"7"}', null],
  ['an outcome', '{"outcome":"posted"}', null],
  ['a reply of a service', '{"ok":true,"data":{}}', null],
  ['null', 'null', null],
  ['no JSON', '+ACK', null],
  ['nothing', '', null],
])('%s', (_, text, read) => {
  expect(readPubAck(text, 'LOG')).toEqual(read);
});

test('inboxes have nothing in common but their prefix', () => {
  const [one, other] = [secretInbox('_INBOX.a'), secretInbox('_INBOX.a')];
  expect(one).toMatch(/^_INBOX\.a\.[\w-]{22}$/);
  expect(one.slice(0, 14)).not.toBe(other.slice(0, 14));
});
