import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LedgerClient } from '@b2b-charge/client';
import type { CommandRequest, MessageId, Outcome, ServiceName, VendorId } from '@b2b-charge/contracts';
import { call, connectNats } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { inject } from 'vitest';
import { parseConfig as parseCreditsConfig } from '../../services/credits/src/config.ts';
import { startCredits } from '../../services/credits/src/service.ts';
import { parseConfig as parseLedgerConfig } from '../../services/ledger/src/config.ts';
import { startLedger } from '../../services/ledger/src/service.ts';
import { parseConfig } from '../../services/reconciler/src/config.ts';
import { openTools } from '../../services/reconciler/src/run/open-tools.ts';
import { type FinishedRun, type RunOptions, runAudit } from '../../services/reconciler/src/run/run-audit.ts';
import { createPlayground, type Playground, testLogger, waitFor } from '../harness.ts';

/** A small shop whose books the auditor's tests look at: ledger and credits run, commands come from the gateway. */
export interface Scene extends AsyncDisposable {
  readonly playground: Playground;
  readonly keyFile: string;
  send(vendorId: number, messageId: string, command: CommandRequest): Promise<Outcome>;
  /** A credit asked for, approved and posted; returns the request's id. */
  credit(vendorId: number, amount: string): Promise<number>;
  charge(vendorId: number, messageId: string, amount: string): Promise<Outcome>;
  /** A vendor with credit. */
  open(vendorId: number, balance: string): Promise<void>;
  audit(options?: AuditOptions): Promise<FinishedRun>;
  /** Ends the ledger and the credits service, so that the database can be copied. */
  closeShop(): Promise<void>;
}

export interface AuditOptions extends Partial<RunOptions> {
  /** Another database than the scene's own. */
  readonly databaseUrl?: string;
  readonly environment?: Record<string, string>;
}

/** Every check on a small and quick scale; no waiting for a ledger that the test has stopped. */
const AUDITOR = { AUDIT_LOG_SETTLE_MS: '0' };

export async function openScene(): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const playground = stack.use(await createPlayground());
  const shop = stack.use(new AsyncDisposableStack());
  shop.use(await startLedger(parseLedgerConfig(playground.environment('ledger')), testLogger('ledger')));
  shop.use(await startCredits(parseCreditsConfig(playground.environment('credits')), testLogger('credits')));
  const nc = stack.adopt(await connectAs('gateway'), (connection) => connection.close());
  const { subjects } = playground;
  const client = stack.use(
    new LedgerClient({ nc, subjects, source: 'gateway', clientId: 'scene', lanes: 16 }),
  );
  const folder = mkdtempSync(path.join(tmpdir(), 'reconciler-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const keyFile = path.join(folder, 'key.pem');
  const send: Scene['send'] = (vendorId, messageId, command) =>
    client.send({
      vendorId: vendorId as VendorId,
      messageId: messageId as MessageId,
      command,
      waitMs: 10_000,
      deadlineMs: 30_000,
    });
  const office = stack.adopt(await connectAs('backoffice'), (connection) => connection.close());
  const credit = (vendorId: number, amount: string) =>
    creditThroughService(office, playground, vendorId, amount);
  const disposal = stack.move();
  return {
    playground,
    keyFile,
    send,
    credit,
    charge: (vendorId, messageId, amount) =>
      send(vendorId, messageId, { type: 'charge', phone_number: '+989123456789', amount }),
    async open(vendorId, balance) {
      await send(vendorId, 'open', { type: 'open-vendor', name: `Vendor ${vendorId}` });
      await credit(vendorId, balance);
    },
    audit: (options = {}) => auditScene(playground, keyFile, options),
    closeShop: () => shop.disposeAsync(),
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

export function connectAs(user: ServiceName | 'operator'): Promise<NatsConnection> {
  const servers = inject('servers');
  return connectNats({ user, url: servers.natsUrl, nkeySeed: servers.natsSeeds[user] });
}

async function creditThroughService(
  nc: NatsConnection,
  { subjects }: Playground,
  vendor_id: number,
  amount: string,
): Promise<number> {
  const wire = { nc, subjects };
  const { request } = await call(wire, 'credits.request', { vendor_id, amount, requested_by: 'token:1' });
  await call(wire, 'credits.approve', { id: request.id, by: 'sara', principal: 'operator:sara' });
  const status = async () => (await call(wire, 'credits.get', { id: request.id }))?.status;
  await waitFor(async () => (await status()) === 'posted');
  return request.id;
}

async function auditScene(
  playground: Playground,
  keyFile: string,
  { databaseUrl, environment = {}, ...options }: AuditOptions,
): Promise<FinishedRun> {
  const own = playground.environment('reconciler', { SIGNING_KEY_FILE: keyFile, ...AUDITOR, ...environment });
  const config = parseConfig(databaseUrl === undefined ? own : { ...own, DATABASE_URL: databaseUrl });
  await using tools = await openTools(config);
  return await runAudit(tools, {
    mode: 'incremental',
    vendorId: null,
    trigger: 'test',
    startedBy: 'test',
    ...options,
  });
}

/** Runs `work` with a connection as the database's owner. */
export async function asOwner<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
