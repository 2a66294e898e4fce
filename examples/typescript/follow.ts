import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connectAsSystem, SYSTEM } from './connection.ts';

// node follow.ts VENDOR [COUNT] [FROM]: prints what becomes of the vendor's commands, whoever sent them, from where it
// stopped the last time. FROM, a time such as 2026-11-23T00:00:00Z, reads again from there, by a second consumer.
const [vendor = '12', count = 'Infinity', from] = process.argv.slice(2);

const STREAM = 'LEDGER_EVENTS';
// These two names are the system's for this vendor; and the filter must be this one.
const durable = from ? `${SYSTEM}_${vendor}_replay` : `${SYSTEM}_${vendor}`;
const nc = await connectAsSystem();
const manager = await jetstreamManager(nc, { checkAPI: false });
if (from) await manager.consumers.delete(STREAM, durable).catch(() => {});
await manager.consumers.add(STREAM, {
  durable_name: durable,
  filter_subject: `ledger.events.${vendor}.>`,
  ack_policy: 'explicit',
  ...(from ? { deliver_policy: 'by_start_time', opt_start_time: from } : { deliver_policy: 'all' }),
});
const consumer = await jetstream(nc, { checkAPI: false }).consumers.get(STREAM, durable);
/** An event may come more than once, always under the same id. Keep the ids with what you make of the events. */
const seen = new Set<string>();
for await (const event of await consumer.consume({ max_messages: 100 })) {
  const id = event.headers?.get('Nats-Msg-Id') ?? '';
  if (!seen.has(id)) console.log(event.subject, event.string());
  seen.add(id);
  event.ack();
  if (seen.size >= Number(count)) break;
}
await nc.flush();
await nc.close();
