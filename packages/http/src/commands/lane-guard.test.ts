import { expect, test } from 'vitest';
import { LaneGuard } from './lane-guard.ts';

const guard = () => new LaneGuard({ lanes: 2, lagLimitMs: 100, probes: 2 });

test('a lane that answers takes any number', () => {
  const lanes = guard();
  for (let at = 0; at < 1_000; at++) {
    expect(lanes.admits(0, at)).toBe(true);
    lanes.answered(0, lanes.sent(0, at));
  }
  for (let number = 0; number < 1_000; number++) lanes.sent(0, 1_000);
  expect(lanes.admits(0, 1_100)).toBe(true);
});

test('a lane that lags is refused, but for its probes; others are not', () => {
  const lanes = guard();
  const tickets = [lanes.sent(0, 0), lanes.sent(0, 50), lanes.sent(0, 60)];
  expect(lanes.admits(0, 100)).toBe(true);
  expect(lanes.admits(0, 101)).toBe(false);
  expect(lanes.admits(1, 101)).toBe(true);
  expect([lanes.lagMs(0, 101), lanes.worstLagMs(101)]).toEqual([101, 101]);
  lanes.answered(0, tickets[1]!);
  expect(lanes.admits(0, 101)).toBe(false);
  lanes.answered(0, tickets[0]!);
  expect(lanes.admits(0, 101)).toBe(true);
  expect(lanes.lagMs(0, 101)).toBe(41);
});

test('two probes at a time find out when a stuck lane moves again', () => {
  const lanes = guard();
  lanes.sent(0, 0);
  expect(lanes.admits(0, 10_000)).toBe(true);
  lanes.sent(0, 10_000);
  expect(lanes.admits(0, 10_000)).toBe(false);
});
