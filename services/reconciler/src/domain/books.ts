/** A vendor as the ledger's own copies have it. */
export interface StoredVendor {
  readonly vendorId: number;
  readonly name: string;
  readonly balance: bigint;
  readonly held: bigint;
  readonly businessDay: string;
  readonly chargedToday: bigint;
  readonly status: string;
  /** Minor units; null without a limit. */
  readonly dailyLimit: bigint | null;
  readonly livemode: boolean;
  readonly seq: number;
  readonly headHash: string;
}

/** The last transaction of a vendor's chain. */
export interface LastTransaction {
  readonly seq: number;
  readonly balanceAfter: bigint;
  readonly heldAfter: bigint;
  readonly hash: string;
  /** The business day on which it was decided. */
  readonly day: string;
  readonly livemode: boolean;
}

/** A vendor's settings at a place in its chain, read from the rows that set them. */
export interface VendorSettings {
  readonly status: string;
  /** Minor units; null without a limit. */
  readonly dailyLimit: bigint | null;
}

/** What a decision depends on besides its own row: the vendor's settings, and what was charged on which day. */
export interface DecisionState extends VendorSettings {
  readonly day: string;
  /** Charged less reversed on that day, minor units. */
  readonly charged: bigint;
}

/** The place in a vendor's chain up to which an earlier audit attests it. */
export interface Head extends VendorSettings {
  readonly seq: number;
  readonly balance: bigint;
  readonly held: bigint;
  readonly hash: string;
  readonly chargedDay: string;
  /** Charged on that day, less reversals of that day's charges. */
  readonly charged: bigint;
  /** Sums of the positive and of the negative effects on the balance, since the first transaction. */
  readonly added: bigint;
  readonly taken: bigint;
}

/** What the rows after a place in the chain add up to. */
export interface SpanSums {
  readonly rows: number;
  /** Sums of the positive and of the negative effects on the balance. */
  readonly added: bigint;
  readonly taken: bigint;
  /** Sum of the effects on what is held. */
  readonly held: bigint;
  /** Rows whose phone number was erased. */
  readonly erased: number;
  /** Charged less reversed on the vendor's business day. */
  readonly chargedOnDay: bigint;
  /** Rows that do not fit their chain; the details are asked for when there are any. */
  readonly defects: number;
  /** Rows whose command should stand in the part of the log that is compared. */
  readonly inLog: number;
  /** Rows that claim a place in the log which an earlier audit had already compared. */
  readonly backdated: number;
}

export const NO_ROWS: SpanSums = {
  rows: 0,
  added: 0n,
  taken: 0n,
  held: 0n,
  erased: 0,
  chargedOnDay: 0n,
  defects: 0,
  inLog: 0,
  backdated: 0,
};

export const addSums = (a: SpanSums, b: SpanSums): SpanSums => ({
  rows: a.rows + b.rows,
  added: a.added + b.added,
  taken: a.taken + b.taken,
  held: a.held + b.held,
  erased: a.erased + b.erased,
  chargedOnDay: a.chargedOnDay + b.chargedOnDay,
  defects: a.defects + b.defects,
  inLog: a.inLog + b.inLog,
  backdated: a.backdated + b.backdated,
});

/** Before the first transaction. */
export const GENESIS: Head = {
  seq: 0,
  balance: 0n,
  held: 0n,
  hash: '0'.repeat(64),
  chargedDay: '0001-01-01',
  charged: 0n,
  added: 0n,
  taken: 0n,
  status: 'active',
  dailyLimit: null,
};
