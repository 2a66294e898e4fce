import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { measure } from '../harness/measure.ts';
import { readProfile } from '../profile/read-profile.ts';
import type { StageProfile } from '../profile/stages.ts';
import type { Scenario } from './scope.ts';

const SERVICES = ['ledger', 'gateway'] as const;
const WORTH_SAYING_US = 0.5;
/** Microseconds between two samples. */
const SAMPLE_US = 500;

/** The last profile taken; the report shows it. */
export const profiles: StageProfile[] = [];

/** Gateway and ledger under V8's profiler, at 128 in flight. */
export const profile: Scenario = {
  name: 'profile',
  about: 'CPU of gateway and ledger, stage by stage, at 128 in flight',
  async run(scope) {
    const { stage, services, prefix, httpPlan, warmUp, progress } = scope;
    await services.want({ ledgers: 0, gateways: 0 });
    const running = [];
    for (const service of SERVICES) {
      const folder = path.join(stage.fleet.folder, `profile-${service}`);
      mkdirSync(folder);
      const startedAt = performance.now();
      const flags = `--cpu-prof --cpu-prof-interval=${SAMPLE_US} --cpu-prof-dir=${folder}`;
      running.push({
        service,
        folder,
        startedAt,
        member: await stage.fleet.add(service, { NODE_OPTIONS: flags }),
      });
    }
    const port = Number(new URL(running[1]!.member.url).port);
    await warmUp([port]);
    const plan = httpPlan(prefix('profile'), { ports: [port] });
    const startedAt = performance.now();
    const { result, discrepancies } = await measure(stage, plan);
    for (const { member } of running.toReversed()) await member.process.stop();
    const { answers } = result.measured;
    profiles.length = 0;
    for (const { service, folder, startedAt: bornAt } of running) {
      const fromMs = startedAt - bornAt + plan.warmupMs;
      const window = { fromMs, toMs: fromMs + plan.measureMs };
      profiles.push(readProfile(service, folder, window, answers.sold));
    }
    for (const { process, stages, top } of profiles) {
      for (const [name, us] of [...Object.entries(stages), ...Object.entries(top)]) {
        if (us >= WORTH_SAYING_US) progress(`  ${process} ${us.toFixed(1).padStart(5)} µs  ${name}`);
      }
    }
    return discrepancies.length === 0
      ? []
      : [{ scenario: 'profile', group: 'profile', title: profile.about, notes: [], discrepancies }];
  },
};
