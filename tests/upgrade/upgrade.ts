import { migrateSchemas } from '@b2b-charge/runtime';
import { type Fleet, type FleetProcess, startFleet } from '@b2b-charge/stack';
import { migrate } from '../../scripts/migrate.ts';
import { allowWord, CREDIT_STATUS, plantNextRelease, TRANSACTION_TYPE } from './next-release.ts';
import type { PreviousRelease } from './previous-release.ts';
import { DRAIN, ROOT } from './rolling-restart.ts';
import { type UnderLoad, underLoad } from './under-load.ts';

interface UpgradeOptions {
  readonly previous: PreviousRelease;
  readonly tills: number;
  readonly progress: (line: string) => void;
  /** Sales seen with each mixture before the next step. */
  readonly soldBetween: number;
}

const UPGRADED = ['ledger', 'credits', 'backoffice', 'gateway'] as const;

/** Stands for what the next release adds: a nullable column, and one more word in a CHECK. */
const PLANTED = {
  ledger: [
    'ALTER TABLE ledger.transactions ADD COLUMN planted text;',
    ...allowWord('adjust', TRANSACTION_TYPE),
  ],
  credits: allowWord('planted', CREDIT_STATUS),
};

/**
 * Upgrades a fleet under load by the rule: the new schema under the old services, then new services beside the old ones,
 * then the new ones alone. Takes it back: the old services start on the new schema, and the new ones stop. The new schema
 * is today's with planted migrations, so that each run has a schema to upgrade to.
 */
export async function runUpgrade(options: UpgradeOptions): Promise<UnderLoad> {
  const { previous, progress, soldBetween } = options;
  using next = plantNextRelease(PLANTED);
  await using fleet = await startFleet({
    root: ROOT,
    migrate: previous.migrate,
    services: {},
    environment: DRAIN,
  });
  const old = await startAll(fleet, previous.root);
  return await underLoad(fleet, options.tills, async ({ gatewaysServe, sell, takeOut }) => {
    const reach = async (step: string) => {
      progress(step);
      await sell(soldBetween);
    };
    const leave = async (members: readonly FleetProcess[]) => {
      await takeOut(members.filter(({ service }) => service === 'gateway' || service === 'backoffice'));
      // A request that was sent on before has its answer: one more sale of every till has passed since.
      await sell(soldBetween);
      for (const { process } of members) await process.stop();
    };
    await reach('the old services on the old schema');
    await migrate({ adminUrl: fleet.databaseUrl, rolePasswords: fleet.secrets.roles });
    await migrateSchemas(fleet.databaseUrl, next.schemas);
    await reach('the old services on the new schema');
    const young = await startAll(fleet, ROOT);
    await gatewaysServe(2);
    await reach('old and new services side by side');
    await leave(old);
    await reach('the new services alone');
    await startAll(fleet, previous.root);
    await gatewaysServe(2);
    await leave(young);
    await reach('taken back: the old services alone on the new schema');
  });
}

async function startAll(fleet: Fleet, root: string): Promise<FleetProcess[]> {
  const started: FleetProcess[] = [];
  for (const service of UPGRADED) started.push(await fleet.add(service, {}, root));
  return started;
}
