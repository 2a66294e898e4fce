import { describe, expect, it } from 'vitest';
import { charge, command, funded, NOON, TEHRAN, told } from '../../simulator/given.ts';
import type { Command, LogEntry } from '../domain/command.ts';
import { decideBatch } from '../domain/decide-batch.ts';
import { DeposedError, StoreUnavailableError, TooSlowError } from '../store/errors.ts';
import { commitBatch, writesOf } from './commit-batch.ts';
import type { LedgerStore } from './ports.ts';

/** Refuses a batch by throwing; takes it by returning. */
type Refusal = (entries: readonly LogEntry[]) => void;

/** A funded ledger in memory whose store refuses what the test names. */
function ledgerThat(refuses: Refusal) {
  const { books } = funded();
  const seen = {
    attempts: [] as [size: number, attempt: number][],
    pauses: [] as number[],
    outcomes: [] as string[],
    expired: [] as string[],
    opened: 0,
    rollbacks: 0,
  };
  const store = {
    openBatch: async (_moves: unknown, entries: readonly LogEntry[]) => {
      seen.opened++;
      return {
        knowledge: books.knowledge(entries, NOON),
        commit: async (writes: ReturnType<typeof writesOf>) => {
          refuses(entries);
          books.apply(writes);
          seen.expired.push(...writes.expired.map(({ messageId }) => messageId));
        },
      };
    },
    rollback: async () => {
      seen.rollbacks++;
    },
  } as unknown as LedgerStore;
  const commit = (entries: readonly LogEntry[], isOwner = true) =>
    commitBatch(entries, {
      store,
      timeZone: TEHRAN,
      movesOf: () => (isOwner ? [] : null),
      committed: ({ decisions }) => seen.outcomes.push(...decisions.map(told)),
      failed: (_error, failed, attempt) => seen.attempts.push([failed.length, attempt]),
      pause: async (attempt) => {
        seen.pauses.push(attempt);
      },
    });
  return { commit, seen, dead: books.deadLetters };
}

const charges = (...keys: string[]): Command[] =>
  keys.map((key) => command({ request: charge('1.00'), key }));
const slow = () => {
  throw new TooSlowError('the statement took too long');
};
const malformed = (detail = 'no JSON'): LogEntry => ({
  ...command({ request: charge('1.00') }),
  kind: 'unreadable',
  reason: 'MALFORMED',
  detail,
  header: (name) => `value of ${name}`,
});
/** Refuses every batch that holds the key, as long as that is a command. */
const unless =
  (key: string, refuse: () => void): Refusal =>
  (entries) => {
    if (entries.some((entry) => entry.kind === 'command' && entry.messageId === key)) refuse();
  };

describe('a batch that takes the database too long', () => {
  it('is committed in smaller parts, and no command of it becomes a dead letter', async () => {
    const ledger = ledgerThat((entries) => {
      if (entries.length > 1) slow();
    });
    await ledger.commit(charges('a', 'b', 'c', 'd'));
    expect(ledger.seen.outcomes).toEqual(['posted', 'posted', 'posted', 'posted']);
    expect(ledger.dead).toEqual([]);
  });

  it('down to a single command is a database that is unavailable: that command is kept', async () => {
    const ledger = ledgerThat(unless('b', slow));
    const commit = ledger.commit(charges('a', 'b', 'c'));
    await expect(commit).rejects.toThrow(StoreUnavailableError);
    await expect(commit).rejects.toMatchObject({
      message: 'the statement took too long',
      cause: expect.any(TooSlowError),
    });
    expect(ledger.dead).toEqual([]);
    // The command before it is committed, the one behind it is not: the log is read again from there.
    expect(ledger.seen.outcomes).toEqual(['posted']);
  });
});

describe('the attempts at a batch that the database refuses', () => {
  const refuse = () => {
    throw new Error('refused');
  };

  it('are three at the whole, one at each part, and three at the command at fault', async () => {
    const ledger = ledgerThat(unless('b', refuse));
    await ledger.commit(charges('a', 'b', 'c', 'd'));
    const whole = [1, 2, 3].map((attempt) => [4, attempt]);
    const single = [1, 2, 3].map((attempt) => [1, attempt]);
    expect(ledger.seen.attempts).toEqual([...whole, [2, 1], ...single]);
    expect(ledger.seen.outcomes).toEqual(['posted', 'dead', 'posted', 'posted']);
  });

  it('have a pause between them, and none behind the last', async () => {
    const ledger = ledgerThat(unless('a', refuse));
    await ledger.commit(charges('a'));
    expect(ledger.seen.pauses).toEqual([1, 2]);
  });

  it('are rolled back each, unless the connection is gone', async () => {
    const ledger = ledgerThat(unless('a', refuse));
    await ledger.commit(charges('a'));
    expect(ledger.seen.rollbacks).toBe(3);
    const unreachable = ledgerThat(() => {
      throw new StoreUnavailableError('the connection broke');
    });
    await expect(unreachable.commit(charges('a'))).rejects.toThrow('the connection broke');
    expect(unreachable.seen.rollbacks).toBe(0);
  });

  it.each([
    ['every command and every dead letter', charges('a')],
    ['a batch of nothing', []],
  ])('come to an end where the database refuses %s: that is a fault', async (_, entries) => {
    await expect(ledgerThat(refuse).commit(entries)).rejects.toThrow('refused');
  });

  it('turn a message that is unreadable, and is refused as such, into a failed one', async () => {
    const ledger = ledgerThat((entries) => {
      if (entries.some((entry) => entry.kind === 'unreadable' && entry.reason === 'MALFORMED')) refuse();
    });
    await ledger.commit([malformed()]);
    expect(ledger.dead).toMatchObject([{ reason: 'FAILED', detail: 'refused' }]);
    expect(ledger.dead[0]!.entry.header('Message-Id')).toBe('value of Message-Id');
  });
});

describe('the detail of a dead letter', () => {
  it.each<[string, unknown, string]>([
    ['is the error’s message', new Error('out of range'), 'out of range'],
    ['is its first 500 characters', new Error('x'.repeat(501)), 'x'.repeat(500)],
    ['is what was thrown, if that is no error', 'a text', 'a text'],
    ['is there even if nothing was thrown', null, 'null'],
  ])('%s', async (_, thrown, detail) => {
    const ledger = ledgerThat(
      unless('a', () => {
        throw thrown;
      }),
    );
    await ledger.commit(charges('a'));
    expect(ledger.dead.map((letter) => letter.detail)).toEqual([detail]);
  });
});

it('a batch whose lane was lost meanwhile is not shown to the database', async () => {
  const ledger = ledgerThat(() => {});
  const commit = ledger.commit(charges('a'), false);
  await expect(commit).rejects.toThrow(DeposedError);
  await expect(commit).rejects.toThrow('lane');
  expect(ledger.seen).toMatchObject({ opened: 0, attempts: [] });
});

describe('what a batch writes', () => {
  it('holds each command where it belongs: posted, expired or dead', async () => {
    const ledger = ledgerThat(() => {});
    const late = command({ request: charge('1.00'), key: 'late', deadline: NOON });
    await ledger.commit([...charges('a'), late, malformed()]);
    expect(ledger.seen.outcomes).toEqual(['posted', 'expired', 'dead']);
    expect(ledger.seen.expired).toEqual(['late']);
    expect(ledger.dead).toMatchObject([{ reason: 'MALFORMED', detail: 'no JSON' }]);
  });

  it('holds no dead letter a second time when the log is read again', () => {
    const { books } = funded();
    const first = [malformed()];
    books.apply(writesOf(first, decideBatch(first, books.knowledge(first, NOON), TEHRAN)));
    const again = first.map((entry) => ({ ...entry, streamEpoch: 2 }));
    const writes = writesOf(again, decideBatch(again, books.knowledge(again, NOON), TEHRAN));
    expect(writes.dead).toEqual([]);
  });
});
