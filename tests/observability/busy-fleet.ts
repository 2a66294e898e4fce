import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createSubjects, HEADERS } from '@b2b-charge/contracts';
import { asService, type Fleet, startFleet } from '@b2b-charge/stack';
import { headers } from '@nats-io/transport-node';
import { migrate } from '../../scripts/migrate.ts';
import { startReplica } from '../drills/postgres-replica.ts';
import { postgresWithTools } from '../drills/postgres-tools.ts';
import { ok, requestJson, waitFor } from '../harness.ts';

/** Everything that must never be seen in a log. */
export interface Confidential {
  readonly tokens: string[];
  readonly phones: string[];
}

export interface BusyFleet {
  readonly fleet: Fleet;
  readonly secrets: Confidential;
  /** Sells, fails, is refused, repeats, asks for credit, buries a letter, audits. */
  work(round: number): Promise<void>;
  /** All that the services wrote, to standard output, standard error and files. */
  output(): Record<string, string>;
}

export async function startBusyFleet(stack: AsyncDisposableStack): Promise<BusyFleet> {
  const fleet = stack.use(
    await startFleet({
      root: path.join(import.meta.dirname, '../..'),
      migrate,
      serversFrom: postgresWithTools(),
      localFiles: ['postgres'],
      services: {},
      environment: { LOG_LEVEL: 'debug' },
    }),
  );
  const replica = stack.use(await startReplica(fleet, { name: 'replica' }));
  const readFrom = asService(replica.of(fleet.databaseUrl), 'ledger', fleet.secrets.roles);
  for (let index = 0; index < 2; index++) await fleet.add('ledger', { REPLICA_DATABASE_URL: readFrom });
  for (const service of ['credits', 'reconciler', 'webhooks', 'backoffice', 'gateway'] as const)
    await fleet.add(service);
  const url = fleet.of('gateway')[0]!.url;
  const adminUrl = fleet.of('backoffice')[0]!.url;
  const admin = fleet.secrets.admin.token;
  const secrets: Confidential = { tokens: [admin], phones: [] };
  const asAdmin = (method: string, at: string, body?: unknown) =>
    requestJson(adminUrl, method, at, { token: admin, body });
  const vendor = ok(await asAdmin('POST', '/api/admin/vendors/', { name: 'Busy' })).vendor_id as number;
  const { token } = ok(await asAdmin('POST', `/api/admin/vendors/${vendor}/tokens/`, { name: 'till' }));
  secrets.tokens.push(token);
  const asVendor = (method: string, at: string, body?: unknown, more: Record<string, string> = {}) =>
    requestJson(url, method, at, { token, body, headers: more });

  const hook = stack.use(await startHook());
  const webhook = ok(
    await asVendor('POST', '/api/webhooks/', { url: hook.url, event_types: ['charge-posted'] }),
  );
  secrets.tokens.push(
    ...Object.values(webhook).filter((value): value is string => /^whsec_/.test(String(value))),
  );
  let next = 0;
  const phone = (written = '+98912'): string => {
    const rest = String(1_000_000 + next++ * 7_919).slice(-7);
    secrets.phones.push(`912${rest}`);
    return written + rest;
  };
  const sell = (key: string, number = phone(), amount: unknown = '10.00') =>
    asVendor('POST', '/api/charges/sell/', { phone_number: number, amount }, { 'idempotency-key': key });

  async function credit(): Promise<void> {
    const asked = ok(await asVendor('POST', '/api/credits/request/', { amount: '50000.00' }));
    ok(await asAdmin('POST', `/api/admin/credits/${asked.id}/approve/`, {}));
    await waitFor(async () => ok(await asVendor('GET', `/api/credits/${asked.id}/`)).status === 'posted');
  }

  async function refusals(round: number): Promise<void> {
    const wrong = `b2bv_${'wrong'.repeat(9)}${round}`;
    secrets.tokens.push(wrong);
    await requestJson(url, 'GET', '/api/vendors/balance/', { token: wrong });
    await requestJson(adminUrl, 'GET', '/api/admin/vendors/', { token: wrong });
    await requestJson(url, 'POST', '/api/charges/sell/', {
      token: wrong,
      body: { phone_number: phone(), amount: 1 },
    });
    await asVendor('POST', '/api/charges/sell/', { phone_number: phone('0912'), amount: -1 });
    await asVendor('POST', '/api/charges/sell/', {
      phone_number: `${phone()}1234567`,
      amount: 1,
      password: 'no',
    });
    await asVendor('POST', '/api/charges/sell/', `{"phone_number": "${phone()}", "amou`);
    await asVendor('GET', `/api/transactions/?phone_number=${encodeURIComponent(phone())}&limit=x`);
    await asVendor('GET', `/api/nothing/${token}`);
    await sell(`poor-${round}`, phone(), '99999999.00');
    const number = phone();
    await sell(`again-${round}`, number);
    await sell(`again-${round}`, number);
    await sell(`again-${round}`, number, '11.00');
    await asVendor('POST', '/api/charges/sell/batch/', {
      items: [
        { phone_number: phone(), amount: 5 },
        { phone_number: 'x', amount: 5 },
      ],
    });
  }

  /** What internal systems can do wrong: no JSON, with a phone number in it. */
  async function buryOne(): Promise<void> {
    const nc = await fleet.connect('operator');
    const head = headers();
    head.set(HEADERS.messageId, `bad-${next}`);
    head.set(HEADERS.contentType, 'application/json; schema=charge.v1');
    const broken = `{"phone_number": "${phone()}", "token": "${token}"`;
    nc.publish(createSubjects().command(0, 'gateway', vendor), broken, { headers: head });
    await nc.flush();
    await nc.close();
  }

  async function audit(): Promise<void> {
    const run = ok(await asAdmin('POST', '/api/admin/reports/', { mode: 'full' }));
    await waitFor(async () => {
      const { body } = await asAdmin('GET', `/api/admin/reports/${run.run_id}/`);
      return body.data?.run?.status !== undefined && body.data.run.status !== 'running';
    }, 20_000);
  }

  return {
    fleet,
    secrets,
    async work(round) {
      const heard = hook.heard();
      await credit();
      ok(await asAdmin('PATCH', `/api/admin/vendors/${vendor}/`, { name: `Busy ${round}` }));
      await Promise.all(Array.from({ length: 200 }, (_, index) => sell(`sale-${round}-${index}`)));
      await refusals(round);
      ok(await asVendor('GET', '/api/vendors/balance/'));
      await buryOne();
      await audit();
      await waitFor(() => hook.heard() > heard);
    },
    output() {
      const folder = path.join(fleet.folder, 'logs');
      const ours = readdirSync(folder).filter((file) => !/^(postgres|nats|redis|docker)\b/.test(file));
      return Object.fromEntries(ours.map((file) => [file, readFileSync(path.join(folder, file), 'utf8')]));
    },
  };
}

/** A vendor's own server, which takes webhooks. */
async function startHook(): Promise<{ url: string; heard(): number } & AsyncDisposable> {
  let heard = 0;
  const server = createServer((request, response) => {
    heard++;
    request.resume();
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    heard: () => heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
