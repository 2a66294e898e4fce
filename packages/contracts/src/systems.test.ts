import { describe, expect, it } from 'vitest';
import { laneOf } from './lanes.ts';
import { SERVICES } from './permissions.ts';
import { eventConsumersOf, isSystemName, mayCommand, mayUseMessageId, systemPermissions } from './systems.ts';

describe('an internal system', () => {
  it.each(['till', 'billing-2'])('may have the name %s', (name) => {
    expect(isSystemName(name)).toBe(true);
  });
  it.each([...SERVICES, 'operator', 'admin', 'system', 'console', 'Till', 'a_b', ''])(
    'may not have the name %j',
    (name) => {
      expect(isSystemName(name)).toBe(false);
    },
  );

  it('may sell, and give no credit, reverse nothing and open no vendor', () => {
    expect(mayCommand('till', 'charge')).toBe(true);
    for (const type of ['credit', 'reverse', 'rebuild', 'open-vendor', 'update-vendor'] as const) {
      expect(mayCommand('till', type), type).toBe(false);
      for (const service of SERVICES) expect(mayCommand(service, type), service).toBe(true);
    }
  });

  it('may use any key but those that the services make', () => {
    expect(mayUseMessageId('till', 'order-1')).toBe(true);
    expect(mayUseMessageId('till', '~credit/7')).toBe(false);
    expect(mayUseMessageId('credits', '~credit/7')).toBe(true);
  });

  it('follows its events by two consumers, which no other system and no other vendor shares', () => {
    const all = [
      ...eventConsumersOf('till', 7),
      ...eventConsumersOf('till', 77),
      ...eventConsumersOf('till', 'all'),
      ...eventConsumersOf('till-2', 7),
    ];
    expect(new Set(all).size).toBe(8);
    for (const name of all) expect(name).toMatch(/^[a-z0-9_-]+$/);
  });
});

describe('the permissions of an internal system', () => {
  const vendorSubjects = (prefix: string, stream: string, vendor: number | '*', lane: number | '*') => {
    const consumer = `till_${vendor === '*' ? 'all' : vendor}`;
    return [
      `${prefix}ledger.commands.${lane}.till.${vendor}`,
      ...['outcome', 'vendor', 'transactions'].map((call) => `${prefix}ledger.query.${call}.${vendor}`),
      ...[consumer, `${consumer}_replay`].flatMap((name) => [
        `$JS.ledger.API.CONSUMER.INFO.${stream}.${name}`,
        `$JS.ledger.API.CONSUMER.MSG.NEXT.${stream}.${name}`,
        `$JS.ACK.${stream}.${name}.>`,
      ]),
    ];
  };

  it('are for its vendors alone, in their order, each on its lane', () => {
    const { publish, subscribe } = systemPermissions({ name: 'till', vendors: [9, 7] }, { lanes: 16 });
    expect(publish).toEqual(
      [7, 9].flatMap((vendor) => vendorSubjects('', 'LEDGER_EVENTS', vendor, laneOf(vendor, 16))),
    );
    expect(subscribe).toEqual([
      '_INBOX.till.>',
      'ledger.outcomes.till.>',
      'ledger.events.7.>',
      'ledger.events.9.>',
    ]);
  });

  it('are for any vendor where it sells for all, in its namespace', () => {
    const options = { lanes: 16, namespace: 'test1' };
    const { publish, subscribe } = systemPermissions({ name: 'till', vendors: 'all' }, options);
    expect(publish).toEqual(vendorSubjects('test1.', 'TEST1_LEDGER_EVENTS', '*', '*'));
    expect(subscribe).toEqual(['_INBOX.till.>', 'test1.ledger.outcomes.till.>', 'test1.ledger.events.>']);
  });
});
