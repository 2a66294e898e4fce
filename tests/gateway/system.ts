import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServiceName } from '@b2b-charge/contracts';
import { parseConfig } from '../../services/gateway/src/config.ts';
import { startGateway } from '../../services/gateway/src/service.ts';
import { parseConfig as parseLedgerConfig } from '../../services/ledger/src/config.ts';
import { startLedger } from '../../services/ledger/src/service.ts';
import { type System as BaseSystem, startSystem as startBase, testLogger } from '../harness.ts';
import { Caller } from './caller.ts';

export interface Vendor {
  readonly id: number;
  readonly token: string;
  readonly api: Caller;
}

export interface System extends AsyncDisposable {
  readonly base: BaseSystem;
  readonly url: string;
  readonly admin: Caller;
  readonly logDir: string;
  vendor(options?: { balance?: string; dailyLimit?: string }): Promise<Vendor>;
  /** One more gateway of the same system. */
  gateway(extra?: Record<string, string>): Promise<{ url: string } & AsyncDisposable>;
  ledger(): Promise<AsyncDisposable>;
}

interface Options {
  readonly gateway?: Record<string, string>;
  readonly backoffice?: Record<string, string>;
  readonly services?: readonly ServiceName[];
}

/** The system of the harness, its gateway set up for these tests. */
export async function startSystem({
  gateway = {},
  backoffice = {},
  services,
}: Options = {}): Promise<System> {
  await using stack = new AsyncDisposableStack();
  const logDir = await mkdtemp(path.join(tmpdir(), 'gateway-logs-'));
  stack.defer(() => rm(logDir, { recursive: true, force: true }));
  const settings = { LOG_DIR: logDir, ...gateway };
  const base = stack.use(
    await startBase({
      environment: {
        gateway: settings,
        backoffice: { LOG_DIR: logDir, ...backoffice },
        reconciler: { SIGNING_KEY_FILE: path.join(logDir, 'key.pem') },
      },
      ...(services ? { services } : {}),
    }),
  );
  const running = stack.move();
  return {
    base,
    url: base.gatewayUrl,
    admin: new Caller(base.backofficeUrl, base.adminToken),
    logDir,
    vendor: async (options) => {
      const vendor = await base.createVendor(options);
      return { ...vendor, api: new Caller(base.gatewayUrl, vendor.token) };
    },
    gateway: (extra = {}) =>
      startGateway(
        parseConfig(base.playground.environment('gateway', { PORT: '0', ...settings, ...extra })),
        testLogger('gateway'),
      ),
    ledger: () => startLedger(parseLedgerConfig(base.playground.environment('ledger')), testLogger('ledger')),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
