import type { CommandType } from './commands.ts';
import { laneOf } from './lanes.ts';
import { isSystemMessageId } from './message-ids.ts';
import { type NatsAccess, ownAccount } from './nats-accounts.ts';
import { followStream, SERVICES } from './permissions.ts';
import { VENDOR_CALLS } from './queries.ts';
import { createSubjects, type Subjects, TOKEN } from './subjects.ts';

/** A publishing system that is none of the services: it sells for its vendors, and follows what becomes of it. */
export interface InternalSystem {
  readonly name: string;
  readonly vendors: readonly number[] | 'all';
}

/** Names that no internal system may have: those of the services, and those that would be taken for one of them. */
export const RESERVED_NAMES: readonly string[] = [...SERVICES, 'operator', 'admin', 'system', 'console'];

export const isSystemName = (name: string): boolean => TOKEN.test(name) && !RESERVED_NAMES.includes(name);

/** What an internal system may do to the ledger. A subject cannot say it, so the ledger holds to it by the source. */
export const SYSTEM_COMMANDS: readonly CommandType[] = ['charge'];

export const isService = (source: string): boolean => (SERVICES as readonly string[]).includes(source);

/** Whether a source may send commands of a type: the services any, everybody else what internal systems may. */
export const mayCommand = (source: string, type: CommandType): boolean =>
  SYSTEM_COMMANDS.includes(type) || isService(source);

/** True if a source may use a message id: only services make those that begin with ~. */
export const mayUseMessageId = (source: string, messageId: string): boolean =>
  isService(source) || !isSystemMessageId(messageId);

/**
 * The names of the durable consumers by which a system may follow a vendor's events: one to follow, one to read again
 * from an earlier point meanwhile. No system's name has an underscore, so no two systems share one.
 */
export const eventConsumersOf = (system: string, vendor: number | 'all'): readonly [string, string] => [
  `${system}_${vendor}`,
  `${system}_${vendor}_replay`,
];

interface PermissionOptions {
  /** As the ledger has it: another number means other subjects. */
  readonly lanes: number;
  readonly namespace?: string;
}

/** A durable consumer of LEDGER_EVENTS, which the operator makes: its user may follow by it, and not change it. */
export interface EventConsumer {
  readonly durable: string;
  /** Subject of the events that it gets. */
  readonly filter: string;
  /** Events handed out and not yet acknowledged. */
  readonly maxInFlight?: number;
}

/** Vendors by id, in their order; "*" stands for all. */
const eachVendor = ({ vendors }: InternalSystem): readonly (number | '*')[] =>
  vendors === 'all' ? ['*'] : vendors.toSorted((a, b) => a - b);

const eventsOf = (subjects: Subjects, vendor: number | '*'): string =>
  vendor === '*' ? subjects.allEvents : subjects.event(vendor, '>');

/** The consumers by which a system follows its vendors; those for reading again are made when they are asked for. */
export const systemConsumers = (system: InternalSystem, subjects: Subjects): EventConsumer[] =>
  eachVendor(system).map((vendor) => ({
    durable: eventConsumersOf(system.name, vendor === '*' ? 'all' : vendor)[0],
    filter: eventsOf(subjects, vendor),
  }));

/** The consumers by which services follow the events. */
export const serviceConsumers = (subjects: Subjects): EventConsumer[] => [
  { durable: 'credits', filter: subjects.event('*', 'credit-posted') },
  { durable: 'webhooks', filter: subjects.allEvents, maxInFlight: 256 },
];

/**
 * What an internal system may: publish commands in its own name, for its vendors, on exactly their lanes; read its own
 * outcomes, its inbox, and its vendors' events; ask about its vendors. It has an account of its own.
 */
export function systemPermissions(
  system: InternalSystem,
  { lanes, namespace = '' }: PermissionOptions,
): NatsAccess {
  const { name } = system;
  const subjects = createSubjects(namespace);
  const stream = subjects.streams.events;
  const vendors = eachVendor(system);
  return ownAccount(name, namespace, {
    publish: vendors.flatMap((vendor) => [
      subjects.command(vendor === '*' ? '*' : laneOf(vendor, lanes), name, vendor),
      ...VENDOR_CALLS.map((call) => subjects.vendorCall(call, vendor)),
      ...eventConsumersOf(name, vendor === '*' ? 'all' : vendor).flatMap((consumer) =>
        followStream(stream, consumer),
      ),
    ]),
    subscribe: [
      subjects.call(`ledger.outcomes.${name}.>`),
      ...vendors.map((vendor) => eventsOf(subjects, vendor)),
    ],
  });
}
