import { expect, it } from 'vitest';
import { readFigures } from './figures.ts';
import { formatSimulation, simulateDay } from './simulate.ts';
import { timetable } from './timetable.ts';

it('a compressed day has every charge, its hill and its burst at noon', () => {
  const { counts } = timetable(24_000, 60);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(24_000);
  const noon = counts.indexOf(Math.max(...counts));
  expect(noon / counts.length).toBeCloseTo(0.5, 1);
});

it('a short day through a real fleet: every charge is sold, bytes of the log and the events are as predicted, and the books agree', async () => {
  const simulation = await simulateDay({
    chargesPerDay: 6_000,
    vendors: 200,
    seconds: 5,
    progress: () => {},
  });
  expect(simulation).toMatchObject({ charges: 600, vendors: 20, notSold: 0 });
  const figures = readFigures();
  for (const name of ['logBytesPerCharge', 'eventBytesPerCharge'] as const) {
    expect(simulation.measured[name]! / figures[name]).toBeGreaterThan(0.8);
    expect(simulation.measured[name]! / figures[name]).toBeLessThan(1.25);
  }
  expect(formatSimulation(simulation, figures)).toMatch(/^600 charges of 20 vendors/);
}, 60_000);
