import { randomBytes } from 'node:crypto';
import { businessDay, createSubjects, type ServiceName, type Subjects } from '@b2b-charge/contracts';
import { connectNats, createLogger, ensureStreams } from '@b2b-charge/runtime';
import { type TestDatabase, testDatabase } from '@b2b-charge/stack';
import type { NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { inject } from 'vitest';

const MEBIBYTE = 1024 ** 2;
/** No test file takes as long. */
const LONGEST_FILE_MS = 10 * 60_000;

/**
 * The services' default, unless the run names another. Shortly before its midnight a zone hours behind it is taken: what
 * a test sells at first and counts at last must belong to one business day.
 */
export const BUSINESS_TIMEZONE =
  process.env.BUSINESS_TIMEZONE || (isBeforeMidnight('Asia/Tehran') ? 'America/St_Johns' : 'Asia/Tehran');

function isBeforeMidnight(timeZone: string): boolean {
  const now = Date.now();
  return businessDay(now, timeZone) !== businessDay(now + LONGEST_FILE_MS, timeZone);
}

/** A database, streams and key prefix of one test file's own, on the servers of the run. */
export interface Playground extends AsyncDisposable {
  readonly namespace: string;
  readonly subjects: Subjects;
  readonly database: TestDatabase;
  /** As the operator, who may watch everything. */
  readonly nc: NatsConnection;
  /** A service's environment, here. */
  environment(service: ServiceName, extra?: Record<string, string>): Record<string, string>;
  /** As the database's owner. */
  sql(text: string, values?: unknown[]): Promise<pg.QueryResult>;
}

export async function createPlayground(): Promise<Playground> {
  await using stack = new AsyncDisposableStack();
  const servers = inject('servers');
  const namespace = `t${randomBytes(6).toString('hex')}`;
  const subjects = createSubjects(namespace);
  const database = stack.use(await testDatabase(servers));
  const nc = await connectNats({
    user: 'operator',
    url: servers.natsUrl,
    nkeySeed: servers.natsSeeds.operator,
  });
  stack.defer(() => nc.close());
  await ensureStreams(nc, subjects, {
    replicas: 1,
    commandsMaxBytes: 256 * MEBIBYTE,
    eventsMaxBytes: 256 * MEBIBYTE,
  });
  stack.defer(async () => {
    const { jetstreamManager } = await import('@nats-io/jetstream');
    const manager = await jetstreamManager(nc);
    await Promise.all(Object.values(subjects.streams).map((name) => manager.streams.delete(name)));
  });
  const pool = new pg.Pool({ connectionString: database.adminUrl, max: 4 });
  pool.on('error', () => {});
  stack.defer(() => pool.end());
  const disposal = stack.move();
  return {
    namespace,
    sql: (text, values) => pool.query(text, values),
    subjects,
    database,
    nc,
    environment: (service, extra = {}) => ({
      DATABASE_URL: database.urls[service],
      NATS_URL: servers.natsUrl,
      NATS_NKEY_SEED: servers.natsSeeds[service] ?? '',
      REDIS_URL: servers.redisUrl,
      NAMESPACE: namespace,
      BUSINESS_TIMEZONE,
      LOG_LEVEL: 'error',
      ...(/^(gateway|backoffice)$/.test(service)
        ? { REDIS_SEAL_KEY: Buffer.alloc(32, 5).toString('base64') }
        : {}),
      ...(service === 'ledger' ? { PHONE_SALT_KEY: Buffer.alloc(32, 9).toString('base64') } : {}),
      // By default one begins every ten minutes, in the midst of a test.
      ...(service === 'reconciler' ? { AUDIT_ON_SCHEDULE: 'false' } : {}),
      ...(service === 'webhooks' ? { WEBHOOK_SECRET_KEY: Buffer.alloc(32, 7).toString('base64') } : {}),
      ...extra,
    }),
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

export const testLogger = (service: string) => createLogger(service, process.env.LOG_LEVEL ?? 'error');

export interface TestVendor {
  readonly id: number;
  readonly name: string;
  readonly token: string;
}

/** The whole system on a playground, its services in this process. */
export interface System extends AsyncDisposable {
  readonly playground: Playground;
  readonly gatewayUrl: string;
  readonly backofficeUrl: string;
  readonly adminToken: string;
  /** A vendor with a token and, if asked for, a balance (decimal text, credited through the credits service). */
  createVendor(options?: { balance?: string; dailyLimit?: string; name?: string }): Promise<TestVendor>;
  /** A JSON request, below /api/admin/ to the back office; `token` defaults to the admin's. Throws if the network fails. */
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
}

export interface RequestOptions {
  readonly token?: string | null;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Another gateway than the first. */
  readonly gatewayUrl?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, or the text if it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape they assert
  readonly body: any;
}

interface SystemOptions {
  /** Settings per service, over the harness' own. */
  readonly environment?: Partial<Record<ServiceName, Record<string, string>>>;
  /** The gateway comes with the back office, which opens vendors. */
  readonly services?: readonly ServiceName[];
}

const ALL: readonly ServiceName[] = ['ledger', 'credits', 'gateway'];

export async function startSystem({ environment = {}, services = ALL }: SystemOptions = {}): Promise<System> {
  await using stack = new AsyncDisposableStack();
  const playground = stack.use(await createPlayground());
  const adminToken = `adm_${randomBytes(32).toString('base64url')}`;
  const settings = (service: ServiceName) => playground.environment(service, environment[service]);
  let [gatewayUrl, backofficeUrl] = ['', ''];
  if (services.includes('ledger')) {
    const { parseConfig } = await import('../services/ledger/src/config.ts');
    const { startLedger } = await import('../services/ledger/src/service.ts');
    stack.use(await startLedger(parseConfig(settings('ledger')), testLogger('ledger')));
  }
  if (services.includes('credits')) {
    const { parseConfig } = await import('../services/credits/src/config.ts');
    const { startCredits } = await import('../services/credits/src/service.ts');
    stack.use(await startCredits(parseConfig(settings('credits')), testLogger('credits')));
  }
  if (services.includes('webhooks')) {
    const { parseConfig } = await import('../services/webhooks/src/config.ts');
    const { startWebhooks } = await import('../services/webhooks/src/service.ts');
    stack.use(await startWebhooks(parseConfig(settings('webhooks')), testLogger('webhooks')));
  }
  if (services.includes('reconciler')) {
    const { parseConfig } = await import('../services/reconciler/src/config.ts');
    const { startReconciler } = await import('../services/reconciler/src/service.ts');
    stack.use(await startReconciler(parseConfig(settings('reconciler')), testLogger('reconciler')));
  }
  if (services.includes('backoffice') || services.includes('gateway')) {
    const { parseConfig } = await import('../services/backoffice/src/config.ts');
    const { startBackoffice } = await import('../services/backoffice/src/service.ts');
    const config = parseConfig({ PORT: '0', ADMIN_BOOTSTRAP_TOKEN: adminToken, ...settings('backoffice') });
    backofficeUrl = stack.use(await startBackoffice(config, testLogger('backoffice'))).url;
  }
  if (services.includes('gateway')) {
    const { parseConfig } = await import('../services/gateway/src/config.ts');
    const { startGateway } = await import('../services/gateway/src/service.ts');
    const config = parseConfig({ PORT: '0', ...settings('gateway') });
    gatewayUrl = stack.use(await startGateway(config, testLogger('gateway'))).url;
  }
  const urlOf = (path: string, options: RequestOptions) =>
    options.gatewayUrl ?? (ADMIN_PATH.test(path) ? backofficeUrl : gatewayUrl);
  const request = (method: string, path: string, options: RequestOptions = {}) =>
    requestJson(urlOf(path, options), method, path, { token: adminToken, ...options });
  const disposal = stack.move();
  return {
    playground,
    gatewayUrl,
    backofficeUrl,
    adminToken,
    request,
    createVendor: (options) => createVendor(request, options),
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}

/** The paths that the back office serves. */
export const ADMIN_PATH = /^\/(api\/(v1\/)?)?admin(\/|$)/;

/** One HTTP request with a JSON body, answered as parsed JSON. */
export async function requestJson(
  url: string,
  method: string,
  path: string,
  { token, body, headers }: RequestOptions,
): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(token ? { authorization: `Token ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** An answer of the 200s; throws with the whole answer otherwise. */
export function ok({ status, body }: Answer) {
  if (status < 200 || status > 299) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
  return body.data;
}

async function createVendor(
  request: System['request'],
  { balance, dailyLimit, name = 'TechCorp' }: { balance?: string; dailyLimit?: string; name?: string } = {},
): Promise<TestVendor> {
  const body = { name, ...(dailyLimit === undefined ? {} : { daily_limit: dailyLimit }) };
  const vendor = ok(await request('POST', '/api/admin/vendors', { body }));
  const id: number = vendor.vendor_id ?? vendor.id;
  const issued = ok(await request('POST', `/api/admin/vendors/${id}/tokens`, { body: { name: 'till-1' } }));
  const token: string = issued.token;
  if (balance !== undefined) {
    const credit = ok(await request('POST', '/api/credits/request/', { token, body: { amount: balance } }));
    ok(await request('POST', `/api/admin/credits/${credit.id}/approve`, { body: {} }));
    await waitFor(async () => {
      const state = ok(await request('GET', '/api/vendors/balance/', { token }));
      return Number(state.balance) === Number(balance);
    });
  }
  return { id, name, token };
}

/** Polls until true; fails after the bound, 10 s unless told. */
export async function waitFor(
  condition: () => Promise<boolean> | boolean,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not true within ${timeoutMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
