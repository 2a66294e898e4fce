import { eventSchema, HEADERS, type TransactionView } from '@b2b-charge/contracts';
import type { Msg } from '@nats-io/transport-node';

export type Heard = Pick<Msg, 'subject' | 'data' | 'headers'>;

/** An outcome as it was heard. It is read when somebody wants to see it, and once. */
export class FeedEvent {
  readonly vendorId: number;
  /** E.g. "charge-posted". */
  readonly kind: string;
  readonly #message: Heard;
  #transaction: TransactionView | null | undefined;

  constructor(message: Heard) {
    const [vendor, kind = ''] = message.subject.split('.').slice(-2);
    this.vendorId = Number(vendor);
    this.kind = kind;
    this.#message = message;
  }

  /** Of the transaction, without reading it; empty if it is not told. */
  get id(): string {
    return this.#message.headers?.get(HEADERS.natsMessageId) ?? '';
  }

  /** Null if it is none. */
  get transaction(): TransactionView | null {
    if (this.#transaction === undefined) this.#transaction = parse(this.#message.data);
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
