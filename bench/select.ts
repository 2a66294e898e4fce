import { UsageError } from '../scripts/options.ts';
import type { BenchOptions } from './options.ts';
import type { Scenario, StagePlan } from './scenarios/scope.ts';

/** The scenarios asked for, by stage. Throws UsageError for an unknown one. */
export function selectScenarios(
  stages: readonly StagePlan[],
  { scenarios: wanted, quick, huge, natsBinary }: BenchOptions,
): { plan: StagePlan; scenarios: Scenario[] }[] {
  const known = new Set(stages.flatMap(({ scenarios }) => scenarios.map(({ name }) => name)));
  const unknown = wanted?.filter((name) => !known.has(name)) ?? [];
  if (unknown.length > 0) throw new UsageError(`no such scenario: ${unknown.join(', ')} (see --list)`);
  const other = stages.filter(({ otherNats }) => otherNats).flatMap(({ scenarios }) => scenarios);
  if (natsBinary === undefined && other.some(({ name }) => wanted?.includes(name)))
    throw new UsageError('another nats-server is needed: --nats-binary PATH');
  const chosen = ({ name, quick: isQuick, extra }: Scenario): boolean => {
    if (wanted) return wanted.includes(name);
    if (quick) return isQuick === true;
    return extra === undefined || extra === false || (extra === 'huge' && huge);
  };
  return stages
    .filter(({ otherNats }) => !otherNats || natsBinary !== undefined)
    .map((plan) => ({ plan, scenarios: plan.scenarios.filter(chosen) }))
    .filter(({ scenarios }) => scenarios.length > 0);
}

export function listScenarios(stages: readonly StagePlan[]): string {
  return stages
    .flatMap(({ scenarios }) => scenarios)
    .map(({ name, about, extra }) => `${name.padEnd(16)} ${about}${extra ? ' (only if asked for)' : ''}\n`)
    .join('');
}
