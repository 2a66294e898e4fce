import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSubjects, inboxPrefix, natsSystemsSchema, systemUsers } from '@b2b-charge/contracts';
import { connectNats, matchSystemConsumers } from '@b2b-charge/runtime';
import { type Fleet, natsUsers, startFleet, waitUntil } from '@b2b-charge/stack';
import { createUser } from '@nats-io/nkeys';
import pg from 'pg';
import { createApi } from '../../scripts/api.ts';
import { addCredit, createVendor } from '../../scripts/demo-vendors.ts';
import { migrate } from '../../scripts/migrate.ts';
import { auditFully } from '../chaos/check/audit.ts';
import { Findings } from '../chaos/check/findings.ts';
import { CuttableProxy } from '../gateway/proxy.ts';
import { checkBooks } from './check.ts';
import { Rogue } from './rogue.ts';
import { follow, httpSeller, natsSeller, type Seller, sellAll } from './sellers.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const SYSTEMS = ['shop', 'kiosk', 'rogue'] as const;
const VENDORS = 4;
const CREDIT = '10000000.00';
const EVENTS_WITHIN_MS = 60_000;

export interface PublishersOptions {
  readonly seconds: number;
  /** Between two cuts of one system's connection. */
  readonly cutEveryMs: number;
  readonly natsBinary?: string | undefined;
  readonly progress?: (line: string) => void;
}

export interface PublishersReport {
  readonly sold: Readonly<Record<string, number>>;
  readonly repeats: Readonly<Record<string, number>>;
  readonly cuts: number;
  readonly refused: number;
  readonly deadLetters: number;
  readonly events: number;
  readonly findings: readonly string[];
}

/** Internal systems and the gateway on the same vendors at once, one misbehaving, one cut off again and again. */
export async function runPublishers(options: PublishersOptions): Promise<PublishersReport> {
  const { seconds, cutEveryMs, natsBinary, progress = () => {} } = options;
  await using parts = new AsyncDisposableStack();
  const services = { ledger: 2, credits: 1, gateway: 1 };
  const fleet = parts.use(await startFleet({ root: ROOT, migrate, services, natsBinary }));
  const tokens = await openVendors(fleet);
  const vendors = [...tokens.keys()];
  const connect = await letSystemsIn(fleet, vendors);
  const proxied = await CuttableProxy.to(fleet.nats.url);
  parts.use(proxied.proxy);
  const [shopNc, kioskNc, rogueNc] = [
    await connect('shop', fleet.nats.url),
    await connect('kiosk', proxied.url),
    await connect('rogue', fleet.nats.url),
  ];
  for (const nc of [shopNc, kioskNc, rogueNc]) parts.defer(() => nc.close());
  const shop = parts.use(natsSeller(shopNc, 'shop'));
  const kiosk = parts.use(natsSeller(kioskNc, 'kiosk'));
  const till = httpSeller(fleet.of('gateway')[0]!.url, tokens);
  const rogue = new Rogue(rogueNc);
  const followers = [follow(shopNc, 'shop', vendors), follow(kioskNc, 'kiosk', vendors)];
  for (const { following } of followers) parts.use(following);
  progress('selling');

  const ending = new AbortController();
  const { signal } = ending;
  const sellers: Seller[] = [shop, kiosk, till];
  let cuts = 0;
  const cutting = (async () => {
    while (!signal.aborted) {
      await sleep(cutEveryMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      proxied.proxy.cut();
      proxied.proxy.mend();
      cuts++;
    }
  })();
  const working = Promise.all([
    ...sellers.map((seller) => sellAll(seller, { vendors, atOnce: 8, signal })),
    rogue.run(vendors, 8, signal),
    cutting,
  ]);
  await Promise.race([sleep(seconds * 1_000), working]);
  ending.abort();
  await working;
  progress('checking');

  const findings = new Findings();
  const db = new pg.Pool({ connectionString: fleet.databaseUrl, max: 2 });
  parts.defer(() => db.end());
  const ids = await checkBooks(db, { sellers, rogue, vendors, findings });
  for (const { seen, following } of followers) {
    await waitUntil(() => ids.every((id) => seen.has(id)) || undefined, {
      timeoutMs: EVENTS_WITHIN_MS,
    }).catch(() => {});
    for (const id of ids) if (!seen.has(id)) findings.add('events', `${id} never came`);
    await following.stop();
  }
  await auditFully(fleet, findings);
  return {
    sold: Object.fromEntries(sellers.map(({ name, told }) => [name, told.size])),
    repeats: Object.fromEntries(sellers.map(({ name, repeats }) => [name, repeats])),
    cuts,
    refused: rogue.refused,
    deadLetters: rogue.taken.size,
    events: ids.length,
    findings: findings.kept.map(({ check, text }) => `${check}: ${text}`),
  };
}

async function openVendors(fleet: Fleet): Promise<Map<number, string>> {
  const { url } = fleet.of('gateway')[0]!;
  const admin = createApi(fleet.of('backoffice')[0]!.url, fleet.secrets.admin.token);
  const vendors = new Map<number, string>();
  for (let number = 1; number <= VENDORS; number++) {
    const { id, token } = await createVendor(admin, `Vendor ${number}`);
    await addCredit({ admin, vendor: createApi(url, token) }, CREDIT);
    vendors.set(id, token);
  }
  return vendors;
}

/** Gives each system a user for all the vendors, and returns what connects as one. */
async function letSystemsIn(fleet: Fleet, vendors: number[]) {
  const keys = new Map(SYSTEMS.map((name) => [name, createUser()]));
  const systems = SYSTEMS.map((name) => ({ name, public_key: keys.get(name)!.getPublicKey(), vendors }));
  const users = systemUsers(natsSystemsSchema.parse({ systems }));
  await fleet.nats.reload([...natsUsers(fleet.secrets.nats), ...users]);
  const operator = await fleet.connect('operator');
  await matchSystemConsumers(operator, createSubjects(), systems);
  await operator.close();
  return async (name: (typeof SYSTEMS)[number], url: string) => {
    const nkeySeed = new TextDecoder().decode(keys.get(name)!.getSeed());
    const nc = await connectNats({ user: name, url, nkeySeed });
    // The first thing that only the new user may do.
    nc.subscribe(`${inboxPrefix(name)}.hello`);
    await nc.flush();
    return nc;
  };
}
