import type { JsMsg } from '@nats-io/jetstream';
import type { Row } from './rows.ts';

const FEWEST = 64;

/** What the events announce: by vendor and number the end of the transaction's id, eight bytes each, so that millions fit. */
export class Announced {
  readonly #ends = new Map<number, Float64Array>();

  take(message: JsMsg): void {
    const { vendor_id: vendorId, seq } = message.json<{
      transaction: { vendor_id: number; seq: number };
    }>().transaction;
    let ends = this.#ends.get(vendorId) ?? new Float64Array(FEWEST);
    if (seq >= ends.length) {
      const more = new Float64Array(Math.max(2 * ends.length, seq + 1));
      more.set(ends);
      ends = more;
    }
    ends[seq] = endOf(message.headers?.get('Nats-Msg-Id') ?? '');
    this.#ends.set(vendorId, ends);
  }

  has({ vendor_id, seq, id }: Pick<Row, 'vendor_id' | 'seq' | 'id'>): boolean {
    return this.#ends.get(vendor_id)?.[Number(seq)] === endOf(id);
  }
}

/** The last 48 bits, which a double holds exactly. */
const endOf = (id: string): number => Number.parseInt(id.slice(-12), 16);
