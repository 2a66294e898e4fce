import { z } from 'zod';
import { MAX_VENDOR_ID } from './ids.ts';
import { DEFAULT_LANES } from './lanes.ts';
import type { NatsAccess } from './nats-accounts.ts';
import { isSystemName, systemPermissions } from './systems.ts';

/** A user of the NATS server: known by a key, allowed what is named and nothing else. */
export interface NatsUser {
  readonly name: string;
  /** The public nkey (U…). */
  readonly publicKey: string;
  readonly permissions: NatsAccess;
}

/** Vendors that one system may be given by number; one that needs more is given all. */
export const MAX_VENDORS_OF_SYSTEM = 500;

const byName = <T extends { readonly name: string }>(one: T, other: T) => (one.name < other.name ? -1 : 1);

/** What is written down of the internal systems of a deployment (nats-systems.json). No secret is in it. */
export const natsSystemsSchema = z.strictObject({
  /** As the ledger has them: another number means other subjects. */
  lanes: z.int().min(1).max(1_024).default(DEFAULT_LANES),
  namespace: z
    .string()
    .regex(/^[a-z0-9]{0,32}$/)
    .default(''),
  systems: z
    .array(
      z.strictObject({
        name: z.string().refine(isSystemName, 'a name that a system may have'),
        public_key: z.string().regex(/^U[A-Z2-7]{55}$/, 'a public nkey of a user'),
        vendors: z.union([
          z.literal('all'),
          z.array(z.int().min(1).max(MAX_VENDOR_ID)).min(1).max(MAX_VENDORS_OF_SYSTEM),
        ]),
      }),
    )
    .default([])
    .refine((systems) => new Set(systems.map(({ name }) => name)).size === systems.length, 'each name once'),
});
export type NatsSystems = z.output<typeof natsSystemsSchema>;

/** The users that the internal systems are, in the order of their names. */
export const systemUsers = ({ lanes, namespace, systems }: NatsSystems): NatsUser[] =>
  systems.toSorted(byName).map(({ name, public_key, vendors }) => ({
    name,
    publicKey: public_key,
    permissions: systemPermissions({ name, vendors }, { lanes, namespace }),
  }));
