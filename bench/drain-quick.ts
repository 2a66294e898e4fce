import { createSubjects, laneOf } from '@b2b-charge/contracts';
import { connectNats } from '@b2b-charge/runtime';
import { startFleet } from '@b2b-charge/stack';
import { headers } from '@nats-io/transport-node';
import pg from 'pg';
import { migrate } from '../scripts/migrate.ts';

const COUNT = Number(process.env.COUNT ?? 100000),
  VENDORS = Number(process.env.VENDORS ?? 10000);
await using fleet = await startFleet({
  root: process.cwd(),
  migrate,
  services: {},
  natsBinary: process.env.NATS_BIN,
  postgresSettings: { shared_buffers: '512MB', max_wal_size: '8GB' },
});
console.log(fleet.postgres.version, fleet.nats.version, fleet.folder);
const nc = await fleet.connect('gateway');
const subjects = createSubjects();
const db = new pg.Client({ connectionString: fleet.databaseUrl });
await db.connect();
async function fill(
  n: number,
  make: (i: number) => { vendor: number; id: string; schema: string; body: object },
) {
  let acked = 0,
    done!: () => void;
  const all = new Promise<void>((r) => {
    done = r;
  });
  nc.subscribe('_INBOX.gateway.fill', {
    callback: () => {
      if (++acked === n) done();
    },
  });
  for (let i = 0; i < n; i++) {
    const { vendor, id, schema, body } = make(i);
    const h = headers();
    h.set('Message-Id', id);
    h.set('Reply-Token', `bench.${i}`);
    h.set('Content-Type', `application/json; schema=${schema}`);
    h.set('Expires-At', String(Date.now() + 3600_000));
    nc.publish(subjects.command(laneOf(vendor, 16), 'gateway', vendor), JSON.stringify(body), {
      headers: h,
      reply: '_INBOX.gateway.fill',
    });
    while (i - acked > 2000) await new Promise((r) => setImmediate(r));
  }
  await all;
}
let t = performance.now();
await fill(VENDORS, (i) => ({ vendor: i + 1, id: 'o', schema: 'open-vendor.v1', body: { name: 'x' } }));
await fill(VENDORS, (i) => ({ vendor: i + 1, id: 'c', schema: 'credit.v1', body: { amount: '1000000.00' } }));
console.log('filled vendors', performance.now() - t);
const ledger = await fleet.add('ledger');
const count = async () => Number((await db.query('select count(*) from ledger.transactions')).rows[0].count);
while ((await count()) < VENDORS * 2) await new Promise((r) => setTimeout(r, 50));
console.log('vendors open', performance.now() - t);
await ledger.process.stop();
t = performance.now();
await fill(COUNT, (i) => ({
  vendor: 1 + Math.floor(Math.random() * VENDORS),
  id: `charge-${i}-${Math.random().toString(36).slice(2)}`,
  schema: 'charge.v1',
  body: { phone_number: '+989123456789', amount: '1.50' },
}));
console.log('fill rate', (COUNT / (performance.now() - t)) * 1000);
let got = 0,
  last = 0,
  first = 0;
nc.subscribe('ledger.outcomes.gateway.bench.*', {
  callback: () => {
    if (!first) first = performance.now();
    got++;
    last = performance.now();
  },
});
const { readFileSync } = await import('node:fs');
const cpu = (pid: number) => {
  const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(f[11]) + Number(f[12])) * 10;
};
const pgpids = () =>
  readFileSync(`/proc/${fleet.postgres.pid}/task/${fleet.postgres.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .map(Number);
const n0 = cpu(fleet.nats.pid!);
const p = ledger.process.restart();
await p;
const l0 = cpu(ledger.process.pid!);
const p0 = Object.fromEntries(pgpids().map((x) => [x, cpu(x)]));
const g0 = got;
while (got < COUNT) await new Promise((r) => setTimeout(r, 20));
const n = got - g0;
console.log(
  'drain',
  Math.round((COUNT / (last - first)) * 1000),
  '/s;  cpu us per charge: ledger',
  (((cpu(ledger.process.pid!) - l0) * 1000) / n).toFixed(1),
  'nats',
  (((cpu(fleet.nats.pid!) - n0) * 1000) / COUNT).toFixed(1),
  'pg',
  ((pgpids().reduce((s, x) => s + cpu(x) - (p0[x] ?? 0), 0) * 1000) / n).toFixed(1),
);
const breaks = await db.query('select count(*) from ledger.chain_breaks');
console.log('breaks', breaks.rows[0].count);
await db.end();
await nc.close();
