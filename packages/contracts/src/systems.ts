import type { CommandType } from './commands.ts';
import { laneOf } from './lanes.ts';
import { isSystemMessageId } from './message-ids.ts';
import { followStream, inboxPrefix, type NatsPermissions, SERVICES } from './permissions.ts';
import { VENDOR_CALLS } from './queries.ts';
import { createSubjects, TOKEN } from './subjects.ts';

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

/**
 * What an internal system may: publish commands in its own name, for its vendors, on exactly their lanes; read its own
 * outcomes, its inbox, and its vendors' events; ask about its vendors.
 */
export function systemPermissions(
  { name, vendors }: InternalSystem,
  { lanes, namespace = '' }: PermissionOptions,
): NatsPermissions {
  const subjects = createSubjects(namespace);
  const prefix = subjects.call('');
  const stream = subjects.streams.events;
  const each = vendors === 'all' ? ['*' as const] : vendors.toSorted((a, b) => a - b);
  const perVendor = each.flatMap((vendor) => {
    const events = vendor === '*' ? subjects.allEvents : subjects.event(vendor, '>');
    const lane = vendor === '*' ? '*' : laneOf(vendor, lanes);
    return [
      `${prefix}ledger.commands.${lane}.${name}.${vendor}`,
      ...VENDOR_CALLS.map((call) => subjects.vendorCall(call, vendor)),
      ...eventConsumersOf(name, vendor === '*' ? 'all' : vendor).flatMap((consumer) => [
        ...followStream(stream, consumer, events),
        `$JS.API.CONSUMER.DELETE.${stream}.${consumer}`,
      ]),
    ];
  });
  return {
    publish: perVendor,
    subscribe: [
      `${inboxPrefix(name)}.>`,
      `${prefix}ledger.outcomes.${name}.>`,
      ...each.map((vendor) => (vendor === '*' ? subjects.allEvents : subjects.event(vendor, '>'))),
    ],
  };
}
