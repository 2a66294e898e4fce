import { contentType, createSubjects, type DeadLetterReason, HEADERS, laneOf } from '@b2b-charge/contracts';
import { headers, type NatsConnection, PermissionViolationError } from '@nats-io/transport-node';
import { rawHeaders } from '../raw-headers.ts';

const subjects = createSubjects();
const LANES = 16;
const SALE = JSON.stringify({ phone_number: '+989123456789', amount: '1.00' });

interface Misdeed {
  readonly what: string;
  readonly subject: (vendor: number) => string;
  readonly schema?: string;
  readonly body?: string;
  readonly rawHead?: string;
  /** Other than one of its own. */
  readonly key?: string;
  /** What the ledger says of it; null: the server does not take it. */
  readonly reason: DeadLetterReason | null;
}

const own = (vendor: number) => subjects.command(laneOf(vendor, LANES), 'rogue', vendor);

const MISDEEDS: readonly Misdeed[] = [
  {
    what: 'another system’s name',
    subject: (id) => subjects.command(laneOf(id, LANES), 'shop', id),
    reason: null,
  },
  {
    what: 'the gateway’s name',
    subject: (id) => subjects.command(laneOf(id, LANES), 'gateway', id),
    reason: null,
  },
  {
    what: 'the wrong lane',
    subject: (id) => subjects.command((laneOf(id, LANES) + 1) % LANES, 'rogue', id),
    reason: null,
  },
  { what: 'a vendor of others', subject: () => own(999_999), reason: null },
  { what: 'an outcome', subject: () => subjects.outcome('shop', 'shop.1'), reason: null },
  { what: 'an event', subject: (id) => subjects.event(id, 'charge-posted'), reason: null },
  { what: 'a body that is too large', subject: own, body: `"${'x'.repeat(70_000)}"`, reason: null },
  { what: 'the id of a credit', subject: own, key: '~credit/99', reason: 'NOT_PERMITTED' },
  { what: 'garbage', subject: own, body: '\0\uffff{', reason: 'MALFORMED' },
  {
    what: 'unreadable headers',
    subject: own,
    rawHead: 'NATS/1.0\r\nbad name : x\r\n\r\n',
    reason: 'MALFORMED',
  },
  {
    what: 'a number for an amount',
    subject: own,
    body: '{"phone_number":"+989123456789","amount":1}',
    reason: 'MALFORMED',
  },
  { what: 'a field too many', subject: own, body: SALE.replace('}', ',"vendor_id":1}'), reason: 'MALFORMED' },
  { what: 'a version that does not exist', subject: own, schema: 'charge.v9', reason: 'UNKNOWN_SCHEMA' },
  {
    what: 'credit for its vendor',
    subject: own,
    schema: 'credit.v1',
    body: '{"amount":"1000.00"}',
    reason: 'NOT_PERMITTED',
  },
  {
    what: 'a vendor opened',
    subject: own,
    schema: 'open-vendor.v1',
    body: '{"name":"x"}',
    reason: 'NOT_PERMITTED',
  },
];

/** A system that does all that it must not, as fast as it is answered, and keeps a record. */
export class Rogue {
  /** By the number that the log gave it: what it must come to. */
  readonly taken = new Map<number, DeadLetterReason>();
  readonly refusedBySubject = new Set<string>();
  readonly wronglyTaken: string[] = [];
  refused = 0;
  readonly #nc: NatsConnection;
  #next = 0;

  constructor(nc: NatsConnection) {
    this.#nc = nc;
    void (async () => {
      for await (const status of nc.status()) {
        if (status.type === 'error' && status.error instanceof PermissionViolationError) {
          this.refusedBySubject.add(status.error.subject);
        }
      }
    })();
  }

  /** Until aborted, so many misdeeds at once. */
  async run(vendors: readonly number[], atOnce: number, signal: AbortSignal): Promise<void> {
    const one = async () => {
      while (!signal.aborted) {
        const number = this.#next++;
        await this.#commit(MISDEEDS[number % MISDEEDS.length]!, vendors[number % vendors.length]!, number);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, one));
  }

  async #commit(
    { what, subject, schema = 'charge.v1', body = SALE, rawHead, key, reason }: Misdeed,
    vendor: number,
    number: number,
  ) {
    const head = rawHead === undefined ? headers() : rawHeaders(rawHead);
    if (rawHead === undefined) {
      head.set(HEADERS.messageId, key ?? `rogue-${number}`);
      head.set(HEADERS.contentType, contentType(schema));
      head.set(HEADERS.replyToken, `rogue.${number}`);
    }
    try {
      const reply = await this.#nc.request(subject(vendor), body, { headers: head, timeout: 5_000 });
      const ack = reply.json<{ seq?: number; error?: unknown }>();
      if (ack.error) this.refused++;
      else if (reason === null) this.wronglyTaken.push(what);
      else this.taken.set(ack.seq!, reason);
    } catch {
      this.refused++;
    }
  }
}
