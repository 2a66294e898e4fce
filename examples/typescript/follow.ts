import { jetstream } from '@nats-io/jetstream';
import { connectAsSystem, SYSTEM } from './connection.ts';

// node follow.ts VENDOR [COUNT] [replay]: prints the outcomes of the vendor's commands from every sender, from where it
// stopped the last time. With "replay" by the second consumer, which `npm run nats-user -- replay` makes.
const [vendor = '12', count = 'Infinity', replay] = process.argv.slice(2);

const STREAM = 'LEDGER_EVENTS';
const durable = replay ? `${SYSTEM}_${vendor}_replay` : `${SYSTEM}_${vendor}`;
const nc = await connectAsSystem();
// JetStream is in the account of the ledger; the system's own account imports what the system needs of it.
const ledger = jetstream(nc, { domain: 'ledger', checkAPI: false });
const consumer = await ledger.consumers.get(STREAM, durable);
/** An event may come more than once, always under the same id. Keep the ids with what you make of the events. */
const seen = new Set<string>();
for await (const event of await consumer.consume({ max_messages: 64 })) {
  const id = event.headers?.get('Nats-Msg-Id') ?? '';
  if (!seen.has(id)) console.log(event.subject, event.string());
  seen.add(id);
  event.ack();
  if (seen.size >= Number(count)) break;
}
await nc.flush();
await nc.close();
