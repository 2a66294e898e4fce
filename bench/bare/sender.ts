import { headers, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { type Extra, LANES } from './extras.ts';
import { commandSubject, type Envelope, type Item, type Reply } from './wire.ts';

export interface BareSale {
  readonly vendorId: number;
  readonly phoneNumber: string;
  /** Minor units. */
  readonly amount: number;
  readonly key: string;
  readonly traceparent: string | null;
}

interface Caller {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

const DEADLINE_MS = 5_000;

/** Gathers the sales of one turn of the event loop into a message of the log, and hands each caller its reply. */
export class Sender {
  readonly #nc: NatsConnection;
  readonly #extras: ReadonlySet<Extra>;
  readonly #inbox = `_INBOX.bare.${process.pid}`;
  readonly #callers = new Map<number, Caller>();
  /** Callers' numbers by envelope, until the log has acknowledged it. */
  readonly #unacknowledged = new Map<number, readonly number[]>();
  #turn: Map<number, Item[]> | null = null;
  #lastCaller = 0;
  #lastEnvelope = 0;

  constructor(nc: NatsConnection, extras: ReadonlySet<Extra>) {
    this.#nc = nc;
    this.#extras = extras;
    nc.subscribe(`${this.#inbox}.reply`, {
      callback: (_error, message) => {
        for (const reply of message.json<Reply[]>()) this.#take(reply[0])?.resolve(reply);
      },
    });
    nc.subscribe(`${this.#inbox}.ack.*`, {
      callback: (_error, message) => {
        const envelope = Number(message.subject.slice(message.subject.lastIndexOf('.') + 1));
        const callers = this.#unacknowledged.get(envelope) ?? [];
        this.#unacknowledged.delete(envelope);
        const { error } = message.json<{ error?: { description: string } }>();
        if (error) for (const n of callers) this.#take(n)?.reject(new Error(error.description));
      },
    });
  }

  /** Rejects if the log does not take the message. */
  send({ vendorId, phoneNumber, amount, key, traceparent }: BareSale): Promise<Reply> {
    const n = ++this.#lastCaller;
    const lane = this.#extras.has('lanes') ? vendorId % LANES : 0;
    const item: Item = [n, vendorId, phoneNumber, amount, key, traceparent];
    return new Promise((resolve, reject) => {
      this.#callers.set(n, { resolve, reject });
      if (this.#extras.has('message')) this.#publish(lane, [item], headersOf(item));
      else this.#gather(lane, item);
    });
  }

  #gather(lane: number, item: Item): void {
    if (this.#turn === null) {
      this.#turn = new Map();
      setImmediate(() => {
        const turn = this.#turn!;
        this.#turn = null;
        for (const [of, items] of turn) this.#publish(of, items);
      });
    }
    const items = this.#turn.get(lane);
    if (items) items.push(item);
    else this.#turn.set(lane, [item]);
  }

  #publish(lane: number, items: readonly Item[], head?: MsgHdrs): void {
    const envelope = ++this.#lastEnvelope;
    this.#unacknowledged.set(
      envelope,
      items.map(([n]) => n),
    );
    const body: Envelope = { reply: `${this.#inbox}.reply`, items };
    this.#nc.publish(commandSubject(lane), JSON.stringify(body), {
      reply: `${this.#inbox}.ack.${envelope}`,
      ...(head ? { headers: head } : {}),
    });
  }

  #take(n: number): Caller | undefined {
    const caller = this.#callers.get(n);
    this.#callers.delete(n);
    return caller;
  }
}

/** The headers of the service's own commands. */
function headersOf([n, , , , key, traceparent]: Item): MsgHdrs {
  const head = headers();
  head.set('Message-Id', key);
  head.set('Reply-Token', `bare.${n.toString(36)}`);
  head.set('Expires-At', new Date(Date.now() + DEADLINE_MS).toISOString());
  head.set('Principal', 'token:1');
  head.set('Content-Type', 'application/json; schema=charge.v1');
  if (traceparent !== null) head.set('traceparent', traceparent);
  return head;
}
