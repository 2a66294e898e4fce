import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fleet, type FleetOptions, startFleet } from '@b2b-charge/stack';
import { migrate } from '../../scripts/migrate.ts';
import { Random } from '../../services/ledger/simulator/random.ts';
import { openDatabase } from '../chaos/check/rows.ts';
import { type Load, startLoad } from '../chaos/load/load.ts';
import { AUDITS_WITHOUT_END, WHEN_ASKED } from './audits.ts';
import type { DrillOptions, DrillResult } from './drill.ts';
import { type Proof, prove } from './prove.ts';

export const ROOT = path.join(import.meta.dirname, '../..');
const DEADLINE_MS = 6_000;
const SELLING = { CHARGE_WAIT_MS: '3000', CHARGE_DEADLINE_MS: String(DEADLINE_MS) };

/** The whole system with clients that sell through it, and keep a record of what they were told. */
export interface Market extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly load: Load;
  readonly db: ReturnType<typeof openDatabase>;
  /** Sells while something happens, for `sellMs` before and after it, and proves everything once it is calm. */
  sellThrough(blow: () => Promise<void>, proof?: Proof): Promise<DrillResult>;
}

export interface MarketOptions extends Partial<FleetOptions> {
  /** No credits and reversals while it sells. */
  readonly withoutOffice?: boolean;
  /** None unless told. */
  readonly reconciler?: 'audits all the while' | 'when asked';
}

export async function openMarket(
  { sellMs, natsBinary, progress }: DrillOptions,
  options: MarketOptions = {},
): Promise<Market> {
  await using stack = new AsyncDisposableStack();
  const { withoutOffice = false, reconciler, ...more } = options;
  const auditsOn = reconciler === 'audits all the while';
  const fleet = stack.use(
    await startFleet({
      root: ROOT,
      migrate,
      natsBinary,
      services: { ledger: 2, credits: 1, gateway: 1, reconciler: reconciler ? 1 : 0 },
      environment: { ...SELLING, ...(auditsOn ? AUDITS_WITHOUT_END : WHEN_ASKED) },
      ...more,
    }),
  );
  const { postgres, nats, redis } = fleet;
  progress(`PostgreSQL ${postgres.version}, NATS ${nats.version}, Redis ${redis.version}`);
  const load = stack.use(
    await startLoad({ fleet, random: new Random(1), deadlineMs: DEADLINE_MS, withoutOffice }),
  );
  const db = openDatabase(fleet.databaseUrl);
  stack.defer(() => db.end());
  const disposal = stack.move();
  return {
    fleet,
    load,
    db,
    async sellThrough(blow, proof = {}) {
      const closing = new AbortController();
      const selling = load.run(closing.signal);
      try {
        await sleep(sellMs);
        await blow();
        await sleep(sellMs);
      } finally {
        closing.abort();
        await selling;
      }
      progress(load.summary());
      return prove({ fleet, load, db }, { auditsOn, ...proof });
    },
    [Symbol.asyncDispose]: () => disposal.disposeAsync(),
  };
}
