import type { NatsSystems } from '@b2b-charge/contracts';
import { type Options, UsageError } from './options.ts';

/** What an order makes of what is known; pure. `keyOf` is asked for the key of a system that has none yet. */
export function changed(
  known: NatsSystems,
  { order, lanes, namespace }: Options,
  keyOf: (name: string) => string,
): NatsSystems {
  const settings = { lanes: lanes ?? known.lanes, namespace: namespace ?? known.namespace };
  if (order.kind === 'revoke') {
    if (!known.systems.some(({ name }) => name === order.name)) {
      throw new UsageError(`there is no internal system ${order.name}`);
    }
    return { ...settings, systems: known.systems.filter(({ name }) => name !== order.name) };
  }
  if (order.kind !== 'put') return { ...settings, systems: known.systems };
  const others = known.systems.filter(({ name }) => name !== order.name);
  const before = known.systems.find(({ name }) => name === order.name);
  const system = {
    name: order.name,
    public_key: before?.public_key ?? keyOf(order.name),
    vendors: order.vendors === 'all' ? ('all' as const) : [...order.vendors],
  };
  const systems = [...others, system].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return { ...settings, systems };
}

/** What is different, a line each; empty if nothing is. */
export function differences(before: NatsSystems, after: NatsSystems): string[] {
  const of = (all: NatsSystems) => new Map(all.systems.map((system) => [system.name, system]));
  const [old, now] = [of(before), of(after)];
  const settings = (['lanes', 'namespace'] as const).filter((name) => before[name] !== after[name]);
  return [
    ...settings.map((name) => `${name}: ${before[name]} becomes ${after[name]}`),
    ...[...old.keys()].filter((name) => !now.has(name)).map((name) => `${name}: taken away`),
    ...[...now.values()].flatMap(({ name, vendors }) => {
      const was = old.get(name);
      if (!was) return [`${name}: made, for ${inWords(vendors)}`];
      if (JSON.stringify(was.vendors) === JSON.stringify(vendors)) return [];
      return [`${name}: ${inWords(vendors)} instead of ${inWords(was.vendors)}`];
    }),
  ];
}

export const inWords = (vendors: readonly number[] | 'all'): string =>
  vendors === 'all'
    ? 'all vendors'
    : `${vendors.length === 1 ? 'vendor' : 'the vendors'} ${vendors.join(', ')}`;
