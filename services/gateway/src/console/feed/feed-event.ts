import { eventSchema, type TransactionView } from '@b2b-charge/contracts';

/** An outcome as it was heard. It is read when somebody wants to see it, and once. */
export class FeedEvent {
  readonly vendorId: number;
  /** E.g. "charge-posted". */
  readonly kind: string;
  readonly #data: Uint8Array;
  #transaction: TransactionView | null | undefined;

  constructor(subject: string, data: Uint8Array) {
    const [vendor, kind = ''] = subject.split('.').slice(-2);
    this.vendorId = Number(vendor);
    this.kind = kind;
    this.#data = data;
  }

  /** Null if it is none. */
  get transaction(): TransactionView | null {
    if (this.#transaction === undefined) this.#transaction = parse(this.#data);
    return this.#transaction;
  }
}

function parse(data: Uint8Array): TransactionView | null {
  try {
    return eventSchema.safeParse(JSON.parse(new TextDecoder().decode(data))).data?.transaction ?? null;
  } catch {
    return null;
  }
}
