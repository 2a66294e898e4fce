import { type Fleet, type FleetProcess, startFleet } from '@b2b-charge/stack';
import { migrate } from '../../scripts/migrate.ts';
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

const UPGRADED = ['ledger', 'credits', 'gateway'] as const;

/**
 * Upgrades a fleet under load. First the order of the rule: the new schema under the old services, then the new services
 * beside the old ones, then the old ones go. With `newServicesFirst` the other way round: the new services work on the old
 * schema, which is what a half-done upgrade, or one taken back, looks like.
 */
export async function runUpgrade(
  options: UpgradeOptions & { newServicesFirst: boolean },
): Promise<UnderLoad> {
  const { previous, progress, newServicesFirst } = options;
  await using fleet = await startFleet({
    root: ROOT,
    migrate: previous.migrate,
    services: {},
    environment: DRAIN,
  });
  const old = await startAll(fleet, previous.root);
  return await underLoad(fleet, options.tills, async ({ gatewaysServe, sell }) => {
    const expand = async () => {
      await migrate({ adminUrl: fleet.databaseUrl, rolePasswords: fleet.secrets.roles });
      progress('the schema is new');
      await sell(options.soldBetween);
    };
    const join = async () => {
      await startAll(fleet, ROOT);
      await gatewaysServe(2);
      progress('old and new services work side by side');
      await sell(options.soldBetween);
    };
    await sell(options.soldBetween);
    for (const step of newServicesFirst ? [join, expand] : [expand, join]) await step();
    for (const { process } of old) await process.stop();
    await gatewaysServe(1);
    progress('the old services are gone');
    await sell(options.soldBetween);
  });
}

async function startAll(fleet: Fleet, root: string): Promise<FleetProcess[]> {
  const started: FleetProcess[] = [];
  for (const service of UPGRADED) started.push(await fleet.add(service, {}, root));
  return started;
}
