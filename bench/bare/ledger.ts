import { type JsMsg, jetstream } from '@nats-io/jetstream';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { Batch, type Head } from './batch.ts';
import type { Extra } from './extras.ts';
import { FENCE, WRITE, WRITE_WIDE } from './schema.ts';
import { natsOptions, parseBareSettings } from './settings.ts';
import { COMMANDS, eventSubject } from './wire.ts';

/** The bare ledger's process: one reader, one statement a batch, one reply a batch. Ends with its parent. */
const MAX_MESSAGES = 512;
const ACKS = `_INBOX.bare.events.${process.pid}`;

const { EXTRAS: extras, ...settings } = parseBareSettings(process.env);
const nc = await connect(natsOptions({ EXTRAS: extras, ...settings }));
const client = new pg.Client({ connectionString: settings.DATABASE_URL, application_name: 'bare-ledger' });
await client.connect();
const heads = await readHeads();
const waiting: JsMsg[] = [];
let working = false;

// A refused event means that the shape is measured wrong: end, and the load fails.
nc.subscribe(`${ACKS}.*`, {
  callback: (_error, message) => {
    if (message.string().includes('"error"')) fail(new Error(message.string()));
  },
});
const consumer = await jetstream(nc).consumers.get(COMMANDS.stream, {});
await consumer.consume({
  max_messages: 2 * MAX_MESSAGES,
  callback: (message) => {
    waiting.push(message);
    if (working) return;
    working = true;
    setImmediate(() => void work().catch(fail));
  },
});
process.send?.({ port: 0 });
process.once('disconnect', () => process.exit());

/** While a batch is written the next one gathers; a lone command goes at once. */
async function work(): Promise<void> {
  while (waiting.length > 0) {
    const batch = new Batch(heads);
    for (const message of waiting.splice(0, MAX_MESSAGES)) batch.add(message);
    await write(batch);
    publish(nc, extras, batch);
  }
  working = false;
}

async function write(batch: Batch): Promise<void> {
  const statement = extras.has('row')
    ? { ...WRITE_WIDE, values: [...batch.values(), ...batch.wideValues()] }
    : { ...WRITE, values: batch.values() };
  if (!extras.has('fence')) {
    await client.query(statement);
    return;
  }
  await client.query('BEGIN');
  const { lanes } = batch;
  const { rowCount } = await client.query({ ...FENCE, values: [lanes] });
  if (rowCount !== lanes.length) throw new Error('the fence found another epoch');
  await client.query(statement);
  await client.query('COMMIT');
}

function publish(to: NatsConnection, parts: ReadonlySet<Extra>, { replies, rows }: Batch): void {
  for (const [subject, some] of replies) {
    if (parts.has('reply')) for (const reply of some) to.publish(subject, JSON.stringify([reply]));
    else to.publish(subject, JSON.stringify(some));
  }
  if (!parts.has('event')) return;
  for (const { item, seq, before, after, hash } of rows) {
    const [, vendorId, phone_number, amount, message_id] = item;
    const body = { vendor_id: vendorId, seq, message_id, phone_number, amount };
    const head = headers();
    head.set('Nats-Msg-Id', `${vendorId}.${seq}`);
    to.publish(
      eventSubject(vendorId),
      JSON.stringify({
        ...{ ...body, balance_before: before, balance_after: after, hash: hash.toString('base64') },
        ...{ type: 'charge', status: 'posted', created_at: new Date().toISOString(), livemode: true },
      }),
      { reply: `${ACKS}.${seq}`, headers: head },
    );
  }
}

async function readHeads(): Promise<Map<number, Head>> {
  const { rows } = await client.query<{ vendor_id: number; balance: string; seq: string; head_hash: Buffer }>(
    'SELECT vendor_id, balance, seq, head_hash FROM ledger.vendors',
  );
  return new Map(
    rows.map(({ vendor_id, balance, seq, head_hash }) => [
      vendor_id,
      { balance: Number(balance), seq: Number(seq), hash: head_hash },
    ]),
  );
}

function fail(error: Error): never {
  process.stderr.write(`bare ledger: ${error.stack}\n`);
  process.exit(1);
}
