import { type CommandRequest, laneOf, type VendorId } from '@b2b-charge/contracts';
import { charge, credit, open, reverse, update } from './given.ts';
import type { Random } from './random.ts';
import { POISON } from './sim-store.ts';

/** How a message is spoilt on its way. */
export type Spoilt = 'wrong lane' | 'no lane' | 'no json' | 'no schema' | 'no message id';

/** What somebody wants of the ledger, under one key. */
export interface Errand {
  readonly name: string;
  readonly atMs: number;
  readonly vendorId: VendorId;
  readonly key: string;
  /** Asked for when it is sent first: a reversal names a charge that was sold by then. */
  request(sold: readonly string[]): CommandRequest;
  /** From the sending to the deadline; null: none. */
  readonly dueMs: number | null;
  /** Publishes and forgets: takes the log's word for it. */
  readonly forgets: boolean;
  readonly spoilt: Spoilt | null;
}

const NOWHERE = '0199f3a1-0000-8000-8000-1c00000003e7';

/** Vendors such that every lane has one, and the first lane two. */
export function vendorsOn(lanes: number): VendorId[] {
  const vendors: VendorId[] = [];
  for (let id = 1; vendors.length < lanes; id++) {
    if (!vendors.some((vendor) => laneOf(vendor, lanes) === laneOf(id, lanes))) vendors.push(id as VendorId);
  }
  const second = vendors.at(-1)! + 1;
  for (let id = second; ; id++) if (laneOf(id, lanes) === 0) return [...vendors, id as VendorId];
}

/** The errands of a schedule: vendors are opened and funded, sell, are suspended, limited, audited. */
export function errandsOf(random: Random, vendors: readonly VendorId[], count: number): Errand[] {
  const errands: Errand[] = [];
  const add = (atMs: number, vendorId: VendorId, request: Errand['request'], more: Partial<Errand> = {}) => {
    const name = `e${errands.length + 1}`;
    const chosen = {
      dueMs: random.chance(0.6) ? random.between(100, 3_000) : null,
      forgets: random.chance(0.15),
    };
    errands.push({ name, atMs, vendorId, key: name, request, spoilt: null, ...chosen, ...more });
  };
  const spanMs = count * 60;
  const surely = { dueMs: null, forgets: false };
  for (const vendorId of vendors) {
    const openedAtMs = random.chance(0.7) ? 0 : random.between(0, spanMs / 2);
    const limit = random.chance(0.3) ? '300.00' : undefined;
    add(openedAtMs, vendorId, () => open(limit), surely);
    add(openedAtMs + 50, vendorId, () => credit('1000.00'), surely);
  }
  while (errands.length < count) {
    const former = random.chance(0.12) ? random.pick(errands) : null;
    const request = former && random.chance(0.7) ? former.request : requestBy(random);
    add(timeBy(random, spanMs), former?.vendorId ?? random.pick(vendors), request, {
      ...(former ? { key: former.key } : {}),
      spoilt: random.chance(0.03) ? random.pick(SPOILT) : null,
    });
  }
  return errands.sort((a, b) => a.atMs - b.atMs);
}

/** Half of the errands come in bursts. */
function timeBy(random: Random, spanMs: number): number {
  const atMs = random.between(0, spanMs);
  return random.chance(0.5) ? atMs : atMs - (atMs % BURST_EVERY_MS) + random.between(0, 20);
}

const BURST_EVERY_MS = 400;
const SPOILT = ['wrong lane', 'no lane', 'no json', 'no schema', 'no message id'] as const;
const POISONED = `${POISON / 100n}.00`;

function requestBy(random: Random): Errand['request'] {
  const amount = `${random.between(1, 400)}.00`;
  switch (
    random.weighted({ charge: 60, credit: 12, reverse: 12, update: 8, rebuild: 3, open: 2, poison: 1 })
  ) {
    case 'charge':
      return () => charge(amount);
    case 'credit':
      return () => credit(amount);
    case 'reverse': {
      const back = random.between(0, 3);
      return (sold) => reverse(sold.at(-1 - back) ?? NOWHERE);
    }
    case 'update': {
      const change = random.pick([
        ...[{ status: 'suspended' }, { status: 'active' }, { status: 'active' }],
        ...[{ daily_limit: '200.00' }, { daily_limit: null }],
      ] as const);
      return () => update(change);
    }
    case 'rebuild':
      return () => ({ type: 'rebuild' });
    case 'open':
      return () => open();
    case 'poison':
      return () => charge(POISONED);
  }
}
