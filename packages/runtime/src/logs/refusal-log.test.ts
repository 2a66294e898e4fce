import { expect, test } from 'vitest';
import { RefusalLog } from './refusal-log.ts';

const NOW = Date.UTC(2026, 10, 23);

function open() {
  const lines: Record<string, unknown>[] = [];
  const log = new RefusalLog({ write: (_at, fields) => void lines.push(fields) }, () => NOW);
  return { lines, log };
}

test('a flood from one address is five lines and one that counts the rest', () => {
  const { lines, log } = open();
  for (let request = 0; request < 70_000; request++)
    log.write({ event: 'UNAUTHENTICATED', address: '192.0.2.1', path: `/${request}` });
  log.write({ event: 'UNAUTHENTICATED', address: '192.0.2.2' });
  expect(lines).toHaveLength(6);
  log.endWindow();
  expect(lines).toHaveLength(7);
  expect(lines.at(-1)).toEqual({
    event: 'UNAUTHENTICATED',
    unwritten: 69_995,
    window_s: 60,
    addresses: 2,
    most: { '192.0.2.1': 70_000, '192.0.2.2': 1 },
  });
});

test('a flood from many addresses is bounded, in lines and in memory', () => {
  const { lines, log } = open();
  for (let address = 0; address < 20_000; address++)
    log.write({ event: 'X', address: `2001:db8::${address}` });
  expect(lines).toHaveLength(1_000);
  log.endWindow();
  expect(lines.at(-1)).toMatchObject({ unwritten: 19_000, addresses: 1_000 });
});

test('the next window begins anew, and a quiet one writes nothing', () => {
  const { lines, log } = open();
  log.write({ event: 'X', address: 'a' });
  log.endWindow();
  log.endWindow();
  log.write({ event: 'X', address: 'a' });
  expect(lines).toHaveLength(2);
  log[Symbol.dispose]();
});
