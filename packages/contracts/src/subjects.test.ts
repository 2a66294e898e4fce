import { describe, expect, it } from 'vitest';
import type { VendorId } from './ids.ts';
import { laneOf } from './lanes.ts';
import { createSubjects, onItsLane, TOKEN } from './subjects.ts';

const plain = createSubjects();
const named = createSubjects('test1');

describe('the subjects', () => {
  it.each([
    [plain, '', ''],
    [named, 'test1.', 'TEST1_'],
  ])('of a namespace begin with it', (subjects, prefix, stream) => {
    expect(subjects.streams).toEqual({
      commands: `${stream}LEDGER_COMMANDS`,
      events: `${stream}LEDGER_EVENTS`,
      deadLetters: `${stream}LEDGER_DEAD_LETTERS`,
      reports: `${stream}AUDIT_REPORTS`,
    });
    expect(subjects).toMatchObject({
      allCommands: `${prefix}ledger.commands.>`,
      allEvents: `${prefix}ledger.events.>`,
      allDeadLetters: `${prefix}ledger.dead-letters.>`,
      auditReports: `${prefix}audit.reports`,
    });
    expect(subjects.command(3, 'gateway', 7)).toBe(`${prefix}ledger.commands.3.gateway.7`);
    expect(subjects.outcome('gateway', 'a.1')).toBe(`${prefix}ledger.outcomes.gateway.a.1`);
    expect(subjects.outcomesOf('gateway', 'a')).toBe(`${prefix}ledger.outcomes.gateway.a.*`);
    expect(subjects.event('*', 'credit-posted')).toBe(`${prefix}ledger.events.*.credit-posted`);
    expect(subjects.deadLetter(3)).toBe(`${prefix}ledger.dead-letters.3`);
    expect(subjects.call('credits.get')).toBe(`${prefix}credits.get`);
    expect(subjects.vendorCall('ledger.query.vendor', 7)).toBe(`${prefix}ledger.query.vendor.7`);
  });
});

describe('the subject of a command', () => {
  it.each([plain, named])('is read back', (subjects) => {
    const subject = subjects.command(12, 'gateway', 7);
    expect(subjects.parseCommand(subject)).toEqual({ lane: 12, source: 'gateway', vendorId: 7 });
    expect(subjects.laneIn(subject)).toBe(12);
  });

  it.each([
    ['of another namespace', 'other.ledger.commands.1.gateway.7'],
    ['of none', 'test1x.ledger.commands.1.gateway.7'],
    ['of an event', 'test1.ledger.events.1.gateway.7'],
    ['without a lane', 'test1.ledger.commands.x.gateway.7'],
    ['with a lane of six digits', 'test1.ledger.commands.100000.gateway.7'],
    ['with more before the lane', 'test1.ledger.commands.x1.gateway.7'],
    ['with more behind the lane', 'test1.ledger.commands.1x.gateway.7'],
    ['whose source is no name', 'test1.ledger.commands.1.Gateway.7'],
    ['without a source', 'test1.ledger.commands.1'],
    ['without a vendor', 'test1.ledger.commands.1.gateway'],
    ['whose vendor is none', 'test1.ledger.commands.1.gateway.0'],
    ['with a token too many', 'test1.ledger.commands.1.gateway.7.8'],
    ['that is empty', ''],
  ])('%s is not read', (_, subject) => {
    expect(named.parseCommand(subject)).toBeNull();
  });

  it.each([
    ['test1.ledger.commands.5.anything', 5],
    ['test1.ledger.commands.99999.gateway.7', 99_999],
    ['test1.ledger.commands.100000.gateway.7', null],
    ['test1.ledger.commands.x5.gateway.7', null],
    ['test1.ledger.commands.5x.gateway.7', null],
  ])('%s names the lane %j, right or wrong', (subject, lane) => {
    expect(named.laneIn(subject)).toBe(lane);
  });

  it('is on its lane if that is the one of its vendor', () => {
    const address = { lane: laneOf(7, 16), source: 'gateway', vendorId: 7 as VendorId };
    expect(onItsLane(address, 16)).toBe(true);
    expect(onItsLane({ ...address, lane: address.lane + 1 }, 16)).toBe(false);
  });
});

describe('the name of a system', () => {
  it.each(['a', '7', 'till-7', 'a'.repeat(32)])('may be %s', (name) => {
    expect(name).toMatch(TOKEN);
  });
  it.each(['', '-a', 'A', 'a_b', 'a.b', '*', '>', 'a ', 'a'.repeat(33), 'a\n'])('may not be %j', (name) => {
    expect(name).not.toMatch(TOKEN);
  });
});
