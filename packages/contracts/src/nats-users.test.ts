import { describe, expect, it } from 'vitest';
import { DEFAULT_LANES } from './lanes.ts';
import { natsAuthorization } from './nats-authorization.ts';
import { natsSystemsSchema, systemUsers } from './nats-users.ts';
import { systemPermissions } from './systems.ts';

const KEY = `U${'A'.repeat(55)}`;
const system = (change: object = {}) => ({ name: 'till', public_key: KEY, vendors: [7], ...change });
const isTaken = (config: object): boolean => natsSystemsSchema.safeParse(config).success;

describe('the systems of a deployment', () => {
  it('are none unless some are named, on the usual lanes, in no namespace', () => {
    expect(natsSystemsSchema.parse({})).toEqual({ lanes: DEFAULT_LANES, namespace: '', systems: [] });
  });

  it.each<[string, object]>([
    ['vendors by number', { systems: [system({ vendors: [1, 2_147_483_647] })] }],
    ['all vendors', { systems: [system({ vendors: 'all' })] }],
    ['500 vendors', { systems: [system({ vendors: Array.from({ length: 500 }, (_, index) => index + 1) })] }],
    ['two systems', { systems: [system(), system({ name: 'billing' })] }],
    ['one lane', { lanes: 1 }],
    ['1,024 lanes', { lanes: 1_024 }],
    ['a namespace', { namespace: 'test1' }],
  ])('may have %s', (_, config) => {
    expect(isTaken(config)).toBe(true);
  });

  it.each<[string, object]>([
    ['no lane', { lanes: 0 }],
    ['1,025 lanes', { lanes: 1_025 }],
    ['a namespace of two tokens', { namespace: 'a.b' }],
    ['a namespace with more before it', { namespace: '.a' }],
    ['a namespace of 33 characters', { namespace: 'a'.repeat(33) }],
    ['a field too many', { more: 1 }],
    ['a system with a field too many', { systems: [system({ more: 1 })] }],
    ['a system with a service’s name', { systems: [system({ name: 'gateway' })] }],
    ['two systems of one name', { systems: [system(), system()] }],
    ['a system without vendors', { systems: [system({ vendors: [] })] }],
    ['the vendor 0', { systems: [system({ vendors: [0] })] }],
    ['a vendor above the largest', { systems: [system({ vendors: [2_147_483_648] })] }],
    ['501 vendors', { systems: [system({ vendors: Array.from({ length: 501 }, (_, index) => index + 1) })] }],
    ['a word for vendors', { systems: [system({ vendors: 'any' })] }],
    ['the key of no user', { systems: [system({ public_key: `A${'A'.repeat(55)}` })] }],
    ['a key too long', { systems: [system({ public_key: `${KEY}A` })] }],
    ['a key with more before it', { systems: [system({ public_key: `x${KEY}` })] }],
    ['a seed', { systems: [system({ public_key: `SU${'A'.repeat(56)}` })] }],
  ])('may not have %s', (_, config) => {
    expect(isTaken(config)).toBe(false);
  });

  it.each<[string, object]>([
    ['a name that a system may have', { systems: [system({ name: 'gateway' })] }],
    ['a public nkey of a user', { systems: [system({ public_key: 'x' })] }],
    ['each name once', { systems: [system(), system()] }],
  ])('are refused with a reason: %s', (reason, config) => {
    expect(natsSystemsSchema.safeParse(config).error?.message).toContain(reason);
  });

  it('are users in the order of their names, each with its own permissions', () => {
    const systems = ['b', 'a', 'c'].map((name) => system({ name }));
    const users = systemUsers(natsSystemsSchema.parse({ lanes: 4, namespace: 'x', systems }));
    expect(users).toEqual(
      ['a', 'b', 'c'].map((name) => ({
        name,
        publicKey: KEY,
        permissions: systemPermissions({ name, vendors: [7] }, { lanes: 4, namespace: 'x' }),
      })),
    );
  });
});

describe('the configuration of the server', () => {
  const user = { name: 'till', publicKey: KEY, permissions: { publish: ['a.b', 'c.>'], subscribe: [] } };
  const config = natsAuthorization([user, { ...user, name: 'billing' }]);

  it('allows each user what is named', () => {
    expect(config).toContain(`nkey: ${KEY}`);
    expect(config).toContain('publish: { allow: ["a.b", "c.>"] }');
    expect(config.match(/^ +# (till|billing)$/gm)).toEqual(['      # till', '      # billing']);
    expect(config).toMatch(/^accounts \{\n {2}"ledger" \{\n {4}jetstream: enabled\n {4}users: \[\n/);
  });

  it('denies everything where nothing is named: an empty list would allow everything', () => {
    expect(config).toContain('subscribe: { deny: ">" }');
  });

  it('is of one user a line', () => {
    expect(config.split('\n').filter((line) => line.includes('nkey:'))).toHaveLength(2);
  });
});
