import { expect, it } from 'vitest';
import { readFigures } from './figures.ts';
import { formatSimulation, schedule, simulateDay } from './simulate.ts';

it('a compressed day has every charge, its hill and its burst at noon', () => {
  const due = schedule(24_000, 60);
  expect(due.reduce((sum, count) => sum + count, 0)).toBe(24_000);
  const noon = due.indexOf(Math.max(...due));
  expect(noon / due.length).toBeCloseTo(0.5, 1);
});

it('a short day through a real fleet: bytes of the log and the events are as the model predicts', async () => {
  const simulation = await simulateDay({ chargesPerDay: 6_000, seconds: 6, progress: () => {} });
  expect(simulation).toMatchObject({ charges: 600, failed: 0 });
  const figures = readFigures();
  for (const name of ['logBytesPerCharge', 'eventBytesPerCharge'] as const) {
    expect(simulation.perCharge[name]! / figures[name]).toBeGreaterThan(0.8);
    expect(simulation.perCharge[name]! / figures[name]).toBeLessThan(1.25);
  }
  expect(formatSimulation(simulation, figures)).toMatch(/^600 charges/);
}, 60_000);
