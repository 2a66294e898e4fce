import { randomBytes } from 'node:crypto';
import { parseConfig as parseCreditsConfig } from '../../services/credits/src/config.ts';
import { startCredits } from '../../services/credits/src/service.ts';
import { parseConfig as parseGatewayConfig } from '../../services/gateway/src/config.ts';
import { startGateway } from '../../services/gateway/src/service.ts';
import { parseConfig as parseLedgerConfig } from '../../services/ledger/src/config.ts';
import { startLedger } from '../../services/ledger/src/service.ts';
import { createPlayground, type Playground, testLogger } from '../harness.ts';
import { Caller } from './caller.ts';

export interface TestVendor {
  readonly id: number;
  readonly token: string;
  readonly api: Caller;
}

/** The services of one test file, in its process, behind as many gateways as it asks for. */
export interface System extends AsyncDisposable {
  readonly playground: Playground;
  readonly url: string;
  readonly adminToken: string;
  readonly admin: Caller;
  startGateway(extra?: Record<string, string>): Promise<{ url: string } & AsyncDisposable>;
  startLedger(): Promise<AsyncDisposable>;
  createVendor(vendor?: { balance?: string; daily_limit?: string; name?: string }): Promise<TestVendor>;
}

export async function startSystem(
  options: { gateway?: Record<string, string>; ledger?: boolean } = {},
): Promise<System> {
  await using stack = new AsyncDisposableStack();
  const playground = stack.use(await createPlayground());
  const adminToken = `b2ba_${randomBytes(32).toString('base64url')}`;
  const runLedger = () =>
    startLedger(parseLedgerConfig(playground.environment('ledger')), testLogger('ledger'));
  const runGateway = (extra: Record<string, string> = {}) =>
    startGateway(
      parseGatewayConfig(
        playground.environment('gateway', {
          PORT: '0',
          ADMIN_BOOTSTRAP_TOKEN: adminToken,
          LOG_DIR: `/tmp/${playground.namespace}`,
          ...options.gateway,
          ...extra,
        }),
      ),
      testLogger('gateway'),
    );
  if (options.ledger !== false) stack.use(await runLedger());
  stack.use(await startCredits(parseCreditsConfig(playground.environment('credits')), testLogger('credits')));
  const { url } = stack.use(await runGateway());
  const admin = new Caller(url, adminToken);

  const createVendor: System['createVendor'] = async ({ balance, ...vendor } = {}) => {
    const created = await admin.post('/api/admin/vendors/', { name: 'A vendor', ...vendor });
    const id = created.data.vendor_id as number;
    const issued = await admin.post(`/api/admin/vendors/${id}/tokens/`, { name: 'till-1' });
    const api = new Caller(url, issued.data.token as string);
    if (balance !== undefined) {
      const asked = await api.post('/api/credits/request/', { amount: balance });
      await admin.post(`/api/admin/credits/${asked.data.id}/approve/`);
      await api.waitFor('/api/vendors/balance/', (answer) => answer.data.balance === Number(balance));
    }
    return { id, token: issued.data.token as string, api };
  };

  const running = stack.move();
  return {
    playground,
    url,
    adminToken,
    admin,
    createVendor,
    startGateway: runGateway,
    startLedger: runLedger,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
