import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { SourceMetrics } from './sources.ts';

const dead = { kind: 'dead', reason: 'MALFORMED', detail: '' } as const;

async function counted(sources: readonly (string | null)[]): Promise<Map<string, number>> {
  const registry = new Registry();
  const metrics = new SourceMetrics(registry);
  const entries = sources.map((source) => ({ source })) as never;
  metrics.committed({ entries, decisions: sources.map(() => dead) });
  const { values } = await registry.getSingleMetric('b2b_ledger_source_dead_letters_total')!.get();
  return new Map(values.map(({ labels, value }) => [`${labels.source} ${labels.reason}`, value]));
}

test('dead letters are counted by who sent them and why', async () => {
  expect(await counted(['shop', 'shop', 'billing', null])).toEqual(
    new Map([
      ['shop MALFORMED', 2],
      ['billing MALFORMED', 1],
      ['none MALFORMED', 1],
    ]),
  );
});

test('however many names there are, the series stay few', async () => {
  const found = await counted(Array.from({ length: 1_000 }, (_, number) => `system-${number}`));
  expect(found.size).toBe(65);
  expect(found.get('other MALFORMED')).toBe(1_000 - 64);
});
