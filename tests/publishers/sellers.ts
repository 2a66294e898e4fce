import { LedgerClient, NotAcceptedError, onOutcome, PendingError } from '@b2b-charge/client';
import { createSubjects } from '@b2b-charge/contracts';
import type { NatsConnection } from '@nats-io/transport-node';

export const AMOUNT = '1.00';
const PHONE = '+989123456789';
/** Attempts under one key; each waits for seconds. */
const ATTEMPTS = 20;

/** What a seller was told, by its key. */
export interface Told {
  readonly vendorId: number;
  readonly transactionId: string;
}

export interface Seller {
  readonly name: string;
  readonly told: Map<string, Told>;
  repeats: number;
  /** One sale under a key, sent again and again until its outcome is known. */
  sell(vendorId: number, key: string): Promise<void>;
}

/** Sells until aborted, so many at once, one vendor after the other. */
export async function sellAll(
  seller: Seller,
  { vendors, atOnce, signal }: { vendors: readonly number[]; atOnce: number; signal: AbortSignal },
): Promise<void> {
  let next = 0;
  const till = async () => {
    while (!signal.aborted) {
      const number = next++;
      await seller.sell(vendors[number % vendors.length]!, `${seller.name}-${number}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, till));
}

/** An internal system, by the client. */
export function natsSeller(nc: NatsConnection, name: string): Seller & AsyncDisposable {
  const client = new LedgerClient({
    nc,
    subjects: createSubjects(),
    source: name,
    clientId: `${name}-1`,
    lanes: 16,
  });
  const seller: Seller = {
    name,
    told: new Map(),
    repeats: 0,
    async sell(vendorId, key) {
      for (let attempt = 1; ; attempt++) {
        try {
          const sale = { vendorId, messageId: key, phoneNumber: PHONE, amount: AMOUNT, waitMs: 3_000 };
          const outcome = await client.sell(sale);
          if (outcome.outcome !== 'posted') throw new Error(`${key}: ${outcome.code}`);
          seller.told.set(key, { vendorId, transactionId: outcome.transaction.transaction_id });
          return;
        } catch (error) {
          const isDoubt = error instanceof PendingError || error instanceof NotAcceptedError;
          const isOver = (error as Error).name === 'ExpiredError';
          if ((!isDoubt && !isOver) || attempt === ATTEMPTS) throw error;
          seller.repeats++;
          if (error instanceof NotAcceptedError) await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    },
  };
  return Object.assign(seller, { [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() });
}

/** Vendors' tills, at the gateway. */
export function httpSeller(url: string, tokens: ReadonlyMap<number, string>): Seller {
  const seller: Seller = {
    name: 'till',
    told: new Map(),
    repeats: 0,
    async sell(vendorId, key) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const response = await fetch(`${url}/api/charges/sell/`, {
          method: 'POST',
          headers: {
            authorization: `Token ${tokens.get(vendorId)}`,
            'content-type': 'application/json',
            'idempotency-key': key,
          },
          body: JSON.stringify({ phone_number: PHONE, amount: AMOUNT }),
        });
        const { status } = response;
        const body = (await response.json()) as { data?: { transaction_id: string } };
        if (status === 200) {
          seller.told.set(key, { vendorId, transactionId: body.data!.transaction_id });
          return;
        }
        if (status !== 202 && status < 500) throw new Error(`${key}: ${status} ${JSON.stringify(body)}`);
        seller.repeats++;
      }
      throw new Error(`${key}: no outcome after ${ATTEMPTS} attempts`);
    },
  };
  return seller;
}

/** Follows vendors by a system's own durable consumers; counts how often each transaction came. */
export function follow(nc: NatsConnection, system: string, vendorIds: readonly number[]) {
  const seen = new Map<string, number>();
  const following = onOutcome({
    nc,
    subjects: createSubjects(),
    system,
    vendorIds,
    handle: ({ transactionId: id }) => void seen.set(id, (seen.get(id) ?? 0) + 1),
  });
  return { seen, following };
}
