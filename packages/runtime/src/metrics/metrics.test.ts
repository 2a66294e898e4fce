import { Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { HotHistogram } from './histogram.ts';
import { readGauge, shared } from './registry.ts';
import { Tally } from './tally.ts';

test("the hot path's histogram reads like prom-client's own", async () => {
  const [ours, theirs] = [new Registry(), new Registry()];
  const described = { name: 'a_seconds', help: 'A', labelNames: ['x'], buckets: [0.1, 1, 2.5] };
  const series = new HotHistogram(ours, described).series({ x: 'y"\n' });
  const reference = new Histogram({ ...described, registers: [theirs] });
  for (const value of [0, 0.1, 0.10001, 1, 2.4, 2.5, 2.6, 1e9]) {
    series.observe(value);
    reference.observe({ x: 'y"\n' }, value);
  }
  const lines = async (registry: Registry) =>
    (await registry.metrics())
      .split('\n')
      .map((line) => line.replace(/\{(.*)\}/, (_, labels) => `{${labels.split(',').sort()}}`));
  expect(await lines(ours)).toEqual(await lines(theirs));
});

test('a tally counts by name', async () => {
  const registry = new Registry();
  const tally = new Tally(registry, { name: 'things_total', help: 'T', label: 'kind' });
  for (const kind of ['a', 'b', 'a']) tally.count(kind);
  expect(await registry.metrics()).toMatch(/things_total\{kind="a"\} 2\nthings_total\{kind="b"\} 1/);
  expect(await registry.metrics()).toMatch(/things_total\{kind="a"\} 2/);
});

test('a gauge whose source fails has no series, and the scrape goes on', async () => {
  const registry = new Registry();
  let away = false;
  const read = shared(async () => {
    if (away) throw new Error('away');
    return 7;
  });
  readGauge(registry, { name: 'plain', help: 'P' }, read);
  readGauge(registry, { name: 'labelled', help: 'L', labelNames: ['x'] }, async () => [
    [{ x: 'y' }, await read()],
  ]);
  readGauge(registry, { name: 'other', help: 'O' }, () => 1);
  expect(await registry.metrics()).toMatch(/^plain 7[\s\S]*^labelled\{x="y"\} 7[\s\S]*^other 1/m);
  away = true;
  expect(await registry.metrics()).not.toMatch(/^(plain|labelled)\b/m);
  expect(await registry.metrics()).toMatch(/^other 1/m);
  away = false;
  expect(await registry.metrics()).toMatch(/^plain 7/m);
});
