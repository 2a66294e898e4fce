import { type MsgHdrs, headers as newHeaders } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import { AnnouncedEvents } from './announced-events.ts';
import type { EventStream } from './event-stream.ts';

const NOON = Date.parse('2026-11-24T12:00:00Z');

/** Event `seq` was stored `seq` ms after noon, and decided half a second before that. */
const decidedMs = (seq: number): number => NOON + seq - 500;

interface Change {
  readonly subject?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly header?: () => MsgHdrs;
}

function message(seq: number, { subject, headers, header }: Change = {}) {
  const all = { 'Nats-Msg-Id': `id-${seq}`, Command: `3/${seq * 10}`, 'Decided-At': `${decidedMs(seq)}` };
  const made = newHeaders();
  for (const [name, value] of Object.entries({ ...all, ...headers })) if (value) made.set(name, value);
  return {
    seq,
    subject: subject ?? 'ledger.events.7.charge-posted',
    time: new Date(NOON + seq),
    get header() {
      return header ? header() : made;
    },
  };
}

interface Stored {
  readonly from: number;
  readonly to: number;
  /** Numbers that the stream does not have any more. */
  readonly gone?: readonly number[];
  readonly changes?: Readonly<Record<number, Change>>;
}

const bad = (): never => {
  throw new TypeError('bad header name');
};

/** A stream in memory that answers like the server. */
function eventsOf({ from, to, gone = [], changes = {} }: Stored) {
  const read: number[] = [];
  const count = Math.max(0, Math.min(to, to - from + 1) - gone.length);
  const has = (seq: number) => seq >= from && seq <= to && !gone.includes(seq);
  const stream = {
    state: async () => ({
      first_seq: from,
      last_seq: to,
      messages: count,
    }),
    message: async (seq: number) => {
      if (seq < 1) throw new Error('bad request');
      read.push(seq);
      return has(seq) ? message(seq, changes[seq]) : null;
    },
  } as unknown as EventStream;
  return { events: new AnnouncedEvents(stream), read };
}

async function numbersBack(stored: Stored, sinceMs: number): Promise<number[][]> {
  const { events } = eventsOf(stored);
  const pages: number[][] = [];
  for await (const page of events.backTo(sinceMs, await events.span()))
    pages.push(page.map(({ streamSeq }) => streamSeq / 10));
  return pages;
}
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe('the span of the stream', () => {
  it.each([
    ['is its first and last number', { from: 3, to: 5 }, { firstSeq: 3, lastSeq: 5 }],
    ['ends at 0 if it was emptied', { from: 6, to: 5 }, { firstSeq: 6, lastSeq: 0 }],
    ['ends at 0 if it never held anything', { from: 0, to: 0 }, { firstSeq: 1, lastSeq: 0 }],
  ])('%s', async (_, stored, span) => {
    expect(await eventsOf(stored).events.span()).toEqual(span);
  });
});

describe('an event is held', () => {
  it.each<[string, Stored, { seq: number; id: string }, boolean]>([
    ['under its number and id', { from: 3, to: 5 }, { seq: 4, id: 'id-4' }, true],
    ['that was trimmed, whatever its id', { from: 3, to: 5 }, { seq: 2, id: 'any' }, true],
    ['that was purged with all others', { from: 6, to: 5 }, { seq: 5, id: 'id-5' }, true],
    ['not, if another has its number', { from: 3, to: 5 }, { seq: 4, id: 'id-9' }, false],
    ['not, at the first number under another id', { from: 3, to: 5 }, { seq: 3, id: 'id-9' }, false],
    ['not, if the stream ends before it', { from: 3, to: 5 }, { seq: 6, id: 'id-6' }, false],
    ['not, in a stream that begins anew before it', { from: 9, to: 2 }, { seq: 4, id: 'id-4' }, false],
    [
      'not, if its headers cannot be read',
      { from: 3, to: 5, changes: { 4: { header: bad } } },
      { seq: 4, id: 'id-4' },
      false,
    ],
  ])('%s', async (_, stored, event, held) => {
    expect(await eventsOf(stored).events.holds(event)).toBe(held);
  });
});

describe('events are read back', () => {
  it('in pages of 1,024, the newest page first, each number once', async () => {
    const { events, read } = eventsOf({ from: 3, to: 2_500 });
    const sizes: number[] = [];
    for await (const page of events.backTo(0, { firstSeq: 3, lastSeq: 2_500 })) sizes.push(page.length);
    expect(sizes).toEqual([1_024, 1_024, 450]);
    expect(read.toSorted((a, b) => a - b)).toEqual(range(3, 2_500));
  });

  it.each<[string, Stored, number, number[][]]>([
    ['to an instant, which is within', { from: 1, to: 4 }, NOON + 3, [[3, 4]]],
    ['no further than a page that is older', { from: 1, to: 2_048 }, NOON + 2_049, [[]]],
    [
      'further than a page that is gone',
      { from: 1_000, to: 2_048, gone: range(1_025, 2_048) },
      NOON,
      [[], range(1_000, 1_024)],
    ],
    ['no further than the first', { from: 2_000, to: 2_001 }, 0, [[2_000, 2_001]]],
    ['from the first of them on', { from: 1, to: 1 }, 0, [[1]]],
    ['not at all from an emptied stream', { from: 0, to: 0 }, 0, []],
  ])('%s', async (_, stored, sinceMs, pages) => {
    expect(await numbersBack(stored, sinceMs)).toEqual(pages);
  });

  const unreadable: [string, Change][] = [
    ['that says no place of its command', { headers: { Command: '' } }],
    ['whose place has no epoch', { headers: { Command: '10' } }],
    ['whose place is longer than numbers are', { headers: { Command: '1234567890/1' } }],
    ['whose place has more before it', { headers: { Command: 'x3/10' } }],
    ['whose place has more behind it', { headers: { Command: '3/10x' } }],
    ['that says no time of its decision', { headers: { 'Decided-At': '' } }],
    ['whose time is no number', { headers: { 'Decided-At': 'x1' } }],
    ['whose time has more behind it', { headers: { 'Decided-At': '1x' } }],
    ['of no vendor', { subject: 'ledger.events.none.charge-posted' }],
    ['whose headers cannot be read', { header: bad }],
    ['on another subject', { subject: 'ledger' }],
  ];
  it.each(unreadable)('without one %s', async (_, change) => {
    expect(await numbersBack({ from: 1, to: 3, changes: { 2: change } }, 0)).toEqual([[1, 3]]);
  });

  it('with all that they say', async () => {
    const change = {
      subject: 'test.ledger.events.8.credit-posted',
      headers: { Command: '12/345', 'Decided-At': '1764000000000' },
    };
    const { events } = eventsOf({ from: 2, to: 2, changes: { 2: change } });
    const { value } = await events.backTo(0, { firstSeq: 2, lastSeq: 2 }).next();
    expect(value).toEqual([
      {
        vendorId: 8,
        streamEpoch: 12,
        streamSeq: 345,
        decidedAtMs: 1_764_000_000_000,
        storedMs: NOON + 2,
      },
    ]);
  });
});

describe('the newest event before an instant', () => {
  it('is found wherever the instant falls', async () => {
    const { events } = eventsOf({ from: 3, to: 400 });
    for (const seq of [4, 5, 127, 128, 129, 130, 399, 400, 401])
      expect(await events.newestBefore(NOON + seq), `before ${seq}`).toBe(decidedMs(seq - 1));
  });

  it.each<[string, Stored, number]>([
    ['if the stream begins later', { from: 3, to: 400 }, NOON + 3],
    ['if the stream is empty', { from: 6, to: 5 }, NOON + 1_000],
    ['if there never was one', { from: 0, to: 0 }, NOON + 1_000],
    [
      'if none of that time can be read',
      { from: 1, to: 2, changes: { 1: { headers: { Command: '' } } } },
      NOON + 2,
    ],
  ])('is none %s', async (_, stored, beforeMs) => {
    expect(await eventsOf(stored).events.newestBefore(beforeMs)).toBeNull();
  });

  it('is the one decided last, though another was stored behind it', async () => {
    const changes = { 5: { headers: { 'Decided-At': `${decidedMs(300)}` } } };
    const { events } = eventsOf({ from: 1, to: 9, changes });
    expect(await events.newestBefore(NOON + 9)).toBe(decidedMs(300));
  });

  it('is searched among the 128 that were stored last, and in few reads', async () => {
    const changes = { 72: { headers: { 'Decided-At': `${decidedMs(900)}` } } };
    const { events, read } = eventsOf({ from: 1, to: 10_000, changes });
    expect(await events.newestBefore(NOON + 201)).toBe(decidedMs(200));
    expect(read.length).toBeLessThan(128 + 15);
    expect(await events.newestBefore(NOON + 200)).toBe(decidedMs(900));
  });

  it('is an earlier one where numbers are gone', async () => {
    const { events } = eventsOf({ from: 1, to: 8, gone: [4, 6] });
    expect(await events.newestBefore(NOON + 100)).toBe(decidedMs(3));
  });
});
