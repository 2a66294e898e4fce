import { type CommandRequest, fingerprint, type MessageId, type VendorId } from '@b2b-charge/contracts';
import fc from 'fast-check';
import type { Command } from '../src/domain/command.ts';
import { NOON, PHONE, saltOf } from './given.ts';
import type { Wish } from './model.ts';

const HOUR = 3_600_000;

/** One move of a random history, as small numbers, so that a failing history shrinks to one that can be read. */
export interface Move {
  readonly vendor: number;
  readonly type: CommandRequest['type'];
  readonly cents: number;
  /** Null: a key of its own. Else the key of the command that many places back; mostly with its body, too. */
  readonly repeats: number | null;
  readonly otherwise: boolean;
  /** What to reverse: that many of the vendor's sold charges back, or of all that it has. */
  readonly back: number;
  readonly anything: boolean;
  readonly setting: 'suspend' | 'activate' | 'limit' | 'zero' | 'unlimited';
  /** Ms from now to the deadline; null: none. */
  readonly due: number | null;
  /** Ms that pass first; the clock may go back. */
  readonly wait: number;
  /** A batch ends here. */
  readonly cut: boolean;
}

const often = <T>(weight: number, value: T) => ({ weight, arbitrary: fc.constant(value) });

export const moves = (maxLength: number): fc.Arbitrary<Move[]> =>
  fc.array(
    fc.record({
      vendor: fc.nat(2),
      type: fc.oneof(
        ...[often(12, 'charge'), often(4, 'credit'), often(4, 'reverse'), often(1, 'rebuild')],
        ...[often(1, 'open-vendor'), often(3, 'update-vendor')],
      ) as fc.Arbitrary<Move['type']>,
      cents: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 1, max: 900 }) },
        often(1, 999_999_999_999_999),
      ),
      repeats: fc.oneof(often(4, null), { weight: 1, arbitrary: fc.nat(8) }),
      otherwise: fc.oneof(often(3, false), often(1, true)),
      back: fc.nat(5),
      anything: fc.oneof(often(3, false), often(1, true)),
      setting: fc.constantFrom('activate', 'suspend', 'limit', 'zero', 'unlimited'),
      due: fc.oneof(often(9, null), often(2, 1), often(1, 0), often(1, -500)),
      wait: fc.oneof(often(6, 0), often(2, 1), often(1, 3 * HOUR), often(1, -2 * HOUR)),
      cut: fc.boolean(),
    }),
    { maxLength, size: 'max' },
  );

const decimal = (cents: number): string =>
  `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;

function requestOf(move: Move, target: string): CommandRequest {
  switch (move.type) {
    case 'charge':
      return { type: 'charge', phone_number: PHONE, amount: decimal(move.cents) };
    case 'credit':
      return { type: 'credit', amount: decimal(move.cents < 1_000 ? move.cents * 5 : move.cents) };
    case 'reverse':
      return { type: 'reverse', transaction_id: target, reason: 'a wrong number' };
    case 'rebuild':
      return { type: 'rebuild' };
    case 'open-vendor':
      return { type: 'open-vendor', name: 'TechCorp' };
    case 'update-vendor':
      return { type: 'update-vendor', ...SETTINGS[move.setting] };
  }
}

const SETTINGS = {
  suspend: { status: 'suspended' },
  activate: { status: 'active' },
  limit: { daily_limit: '15.00' },
  zero: { daily_limit: '0.00' },
  unlimited: { daily_limit: null },
} as const;

/** What a charge that never was is called. */
const NOWHERE = '0199f3a1-0000-8000-8000-1c00000003e7';

/** Turns moves into what clients want, one after the other, knowing what was recorded so far. */
export class Author {
  now = NOON;
  readonly #firstVendor: number;
  readonly #wishes: Wish[] = [];
  readonly #recorded = new Map<number, { all: string[]; sold: string[] }>();

  constructor(firstVendor = 11) {
    this.#firstVendor = firstVendor;
  }

  next(move: Move): Wish {
    this.now += move.wait;
    const vendor = this.#firstVendor + move.vendor;
    const recorded = this.#recorded.get(vendor);
    const targets = (move.anything ? recorded?.all : recorded?.sold) ?? [];
    const type = recorded || move.cut ? move.type : 'open-vendor';
    const request = requestOf({ ...move, type }, targets[targets.length - 1 - move.back] ?? NOWHERE);
    const deadline = move.due === null ? null : this.now + move.due;
    const former = move.repeats === null ? undefined : this.#wishes.at(-1 - move.repeats);
    const wish = {
      vendor: former && move.cut ? former.vendor : vendor,
      key: former ? former.key : `key-${this.#wishes.length}`,
      request: former && !move.otherwise ? former.request : request,
      deadline,
    };
    this.#wishes.push(wish);
    return wish;
  }

  recorded(vendor: number, id: string, sold: boolean): void {
    const ids = this.#recorded.get(vendor) ?? { all: [], sold: [] };
    this.#recorded.set(vendor, ids);
    ids.all.push(id);
    if (sold) ids.sold.push(id);
  }
}

export const commandOf = ({ vendor, key, request, deadline }: Wish, streamSeq: number): Command => ({
  kind: 'command',
  lane: 0,
  streamEpoch: 1,
  streamSeq,
  timeMs: NOON,
  replyTo: null,
  vendorId: vendor as VendorId,
  source: 'test',
  messageId: key as MessageId,
  expiresAtMs: deadline,
  request,
  fingerprint: fingerprint(request, saltOf(request)),
  principal: 'system:test',
  phoneSalt: saltOf(request),
  header: () => '',
  raw: () => ({ subject: 'ledger.commands.0.test.11', headers: [], payload: new Uint8Array() }),
});
