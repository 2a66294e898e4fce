import { expect, test } from 'vitest';
import type { ReceivedSpan } from '../../tests/observability/trace-receiver.ts';
import { compareSlowest, HOPS, hopsOf } from './hops.ts';

let ids = 0;
function span(
  traceId: string,
  name: string,
  [startMs, endMs]: [number, number],
  more: Partial<ReceivedSpan> = {},
): ReceivedSpan {
  const service = name.startsWith('POST') || name.startsWith('send') ? 'gateway' : 'ledger';
  return {
    ...{ traceId, name, startMs, endMs, service, spanId: `${ids++}`, parentSpanId: 'x' },
    ...{ attributes: {}, links: [], failed: false, ...more },
  };
}

/** A sale whose hops take 1, 2, 3, … ms; without its batch. */
const saleOf = (traceId: string) => [
  span(traceId, 'POST /api/charges/sell/', [0, 45], { parentSpanId: null }),
  span(traceId, 'send charge', [1, 36]),
  span(traceId, 'decide charge', [3, 28], { spanId: `${traceId}-decide` }),
  span(traceId, 'reply', [21, 28]),
];
const batchOf = (first: string, ...others: string[]) => [
  span(first, 'batch', [6, 21], {
    spanId: 'batch',
    parentSpanId: `${first}-decide`,
    links: others.map((trace) => `${trace}-decide`),
  }),
  span(first, 'load', [6, 10], { parentSpanId: 'batch' }),
  span(first, 'commit', [15, 21], { parentSpanId: 'batch' }),
];

test('every sale of a batch has the hops of its batch', () => {
  const { sales, incomplete } = hopsOf([...saleOf('a'), ...saleOf('b'), ...batchOf('a', 'b')]);
  const expected = { totalMs: 45, hops: [1, 2, 3, 4, 5, 6, 7, 8, 9] };
  expect({ sales, incomplete }).toEqual({ sales: [expected, expected], incomplete: 0 });
});

test('a trace that lost a span is counted, not measured', () => {
  const spans = [...saleOf('a'), ...saleOf('b').slice(1), ...batchOf('a', 'b')];
  expect(hopsOf(spans)).toMatchObject({ incomplete: 1 });
});

test('the hops of the slowest part stand beside those of all', () => {
  const sale = (ms: number) => ({ totalMs: ms * HOPS.length, hops: HOPS.map(() => ms) });
  const rows = compareSlowest([sale(1), sale(1), sale(1), sale(5)], 0.25);
  expect(rows[0]).toEqual({ hop: 'request to answer', allMs: 18, slowestMs: 45 });
  expect(rows[1]).toEqual({ hop: HOPS[0], allMs: 2, slowestMs: 5 });
});
