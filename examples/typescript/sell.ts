import { randomUUID } from 'node:crypto';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { connectAsSystem, SYSTEM } from './connection.ts';
import { laneOf } from './lane.ts';

// node sell.ts VENDOR PHONE AMOUNT KEY: sells one charge and prints its outcome. Run it again with the same key: the same
// outcome, and nothing is sold twice.
const [vendor = '12', phone = '+989123456789', amount = '5000.00', key = randomUUID()] =
  process.argv.slice(2);

const DEADLINE_MS = 10_000;
const ATTEMPT_MS = 2_000;
const nc = await connectAsSystem();
try {
  console.log(JSON.stringify(await sell(nc)));
} finally {
  await nc.close();
}

async function sell(nc: NatsConnection): Promise<unknown> {
  const token = `${randomUUID().slice(0, 8)}.1`;
  const outcomes = nc.subscribe(`ledger.outcomes.${SYSTEM}.${token}`);
  const command = headers();
  command.set('Message-Id', key);
  command.set('Content-Type', 'application/json; schema=charge.v1');
  command.set('Reply-Token', token);
  // After this the ledger does not execute it any more: a sale that nobody waits for is worse than none.
  const expiresAt = Date.now() + DEADLINE_MS;
  command.set('Expires-At', new Date(expiresAt).toISOString());
  const body = JSON.stringify({ phone_number: phone, amount });
  while (Date.now() < expiresAt + ATTEMPT_MS) {
    // The acknowledgement says that the log has it, not that it is sold: what counts is the outcome.
    await nc
      .request(`ledger.commands.${laneOf(Number(vendor))}.${SYSTEM}.${vendor}`, body, {
        headers: command,
        timeout: ATTEMPT_MS,
      })
      .catch((error) => console.error(`not acknowledged (${error.message}); the same again`));
    const outcome = (await firstOf(outcomes)) ?? (await ask(nc));
    if (outcome) return outcome;
  }
  throw new Error(`no outcome; ask again, or sell again under the same key: ${key}`);
}

async function firstOf(outcomes: AsyncIterable<{ json(): unknown }>): Promise<unknown> {
  const iterator = outcomes[Symbol.asyncIterator]();
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), ATTEMPT_MS).unref());
  const first = await Promise.race([iterator.next(), late]);
  return first && !first.done ? first.value.json() : null;
}

/** A reply may be lost when a connection breaks; the outcome is not. */
async function ask(nc: NatsConnection): Promise<unknown> {
  const question = JSON.stringify({ message_id: key });
  const answer = await nc.request(`ledger.query.outcome.${vendor}`, question, { timeout: ATTEMPT_MS });
  return answer.json<{ data?: { outcome: unknown } }>().data?.outcome ?? null;
}
