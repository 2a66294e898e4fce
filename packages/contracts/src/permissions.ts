import { AUDIT_CALLS } from './audit.ts';
import { VENDOR_CALLS } from './queries.ts';
import { createSubjects } from './subjects.ts';

/** What one NATS user may do. */
export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export const SERVICES = ['gateway', 'ledger', 'credits', 'reconciler', 'webhooks'] as const;
export type ServiceName = (typeof SERVICES)[number];
/** `operator` creates streams when the system is installed; no service runs as it. */
export type NatsUserName = ServiceName | 'operator';

/** Own inboxes keep one user's replies from another's eyes. */
export const inboxPrefix = (user: string): string => `_INBOX.${user}`;

/**
 * Where a service answers requests. Not by `allow_responses`: a server with that tracks every message it delivers that
 * carries a reply subject, as all of a stream's do, and spends ten times the work on it (docs/adr/0005).
 */
const ANY_INBOX = '_INBOX.*.>';

/** Looking at a stream, and reading it by consumers of one's own making, which the client gives names of chance. */
const readLog = (stream: string): string[] => [
  '$JS.API.INFO',
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.STREAM.MSG.GET.${stream}`,
  `$JS.API.CONSUMER.CREATE.${stream}.*`,
  `$JS.API.CONSUMER.INFO.${stream}.*`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
  `$JS.API.CONSUMER.DELETE.${stream}.*`,
];

/** Reading a stream by sequence. Without a consumer: one of its own making could be any consumer of that stream. */
const readMessages = (stream: string): string[] =>
  ['INFO', 'MSG.GET'].map((call) => `$JS.API.STREAM.${call}.${stream}`);

/** Following a stream by one durable consumer with one filter: the server refuses it with another. */
export const followStream = (stream: string, durable: string, filter: string): string[] => [
  `$JS.API.CONSUMER.CREATE.${stream}.${durable}.${filter}`,
  `$JS.API.CONSUMER.INFO.${stream}.${durable}`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
  `$JS.ACK.${stream}.${durable}.>`,
];

/**
 * The least that each service needs. `namespace` as in createSubjects; "*" stands for any one (a test server that
 * many test files share).
 */
export function natsPermissions(namespace = ''): Record<NatsUserName, NatsPermissions> {
  const subjects = createSubjects(namespace);
  const { commands, events, deadLetters, reports } =
    namespace === '*' ? { commands: '*', events: '*', deadLetters: '*', reports: '*' } : subjects.streams;
  const prefix = namespace === '' ? '' : `${namespace}.`;
  return {
    gateway: {
      publish: [
        `${prefix}ledger.commands.*.gateway.*`,
        ...['ledger.query.>', 'ledger.admin.>', 'credits.>', 'webhooks.>', 'gateway.>'].map(subjects.call),
        // Not audit.>: audit.reports is where the reconciler alone publishes.
        ...Object.keys(AUDIT_CALLS).map(subjects.call),
        '$JS.API.INFO',
        `$JS.API.STREAM.INFO.${commands}`,
      ],
      subscribe: [
        `${inboxPrefix('gateway')}.>`,
        `${prefix}ledger.outcomes.gateway.>`,
        subjects.call('gateway.>'),
        subjects.allEvents,
      ],
    },
    ledger: {
      publish: [
        `${prefix}ledger.outcomes.>`,
        // A dead letter that is sent again keeps its source: docs/adr/0010.
        `${prefix}ledger.commands.*.*.*`,
        subjects.allEvents,
        subjects.allDeadLetters,
        ANY_INBOX,
        ...readLog(commands),
        ...readMessages(events),
        // A consumer that stands beyond the end of the stream is set back: docs/adr/0020.
        `$JS.API.CONSUMER.LIST.${events}`,
        `$JS.API.CONSUMER.DELETE.${events}.*`,
        `$JS.API.CONSUMER.CREATE.${events}.*.${subjects.allEvents}`,
        `$JS.API.STREAM.INFO.${deadLetters}`,
      ],
      subscribe: [
        `${inboxPrefix('ledger')}.>`,
        subjects.call('ledger.query.*'),
        ...VENDOR_CALLS.map((name) => subjects.vendorCall(name, '*')),
        subjects.call('ledger.admin.*'),
      ],
    },
    credits: {
      publish: [
        ANY_INBOX,
        `${prefix}ledger.commands.*.credits.*`,
        subjects.call('ledger.query.>'),
        '$JS.API.INFO',
        `$JS.API.STREAM.INFO.${commands}`,
        ...followStream(events, 'credits', subjects.event('*', 'credit-posted')),
      ],
      subscribe: [
        `${inboxPrefix('credits')}.>`,
        `${prefix}ledger.outcomes.credits.>`,
        subjects.call('credits.*'),
      ],
    },
    reconciler: {
      publish: [
        ANY_INBOX,
        `${prefix}ledger.commands.*.reconciler.*`,
        subjects.call('ledger.query.>'),
        subjects.auditReports,
        `$JS.API.STREAM.PURGE.${commands}`,
        ...readLog(commands),
        ...[events, reports].flatMap(readMessages),
      ],
      subscribe: [
        `${inboxPrefix('reconciler')}.>`,
        `${prefix}ledger.outcomes.reconciler.>`,
        subjects.call('audit.*'),
      ],
    },
    webhooks: {
      publish: [
        ANY_INBOX,
        '$JS.API.INFO',
        `$JS.API.STREAM.INFO.${commands}`,
        ...followStream(events, 'webhooks', subjects.allEvents),
      ],
      subscribe: [`${inboxPrefix('webhooks')}.>`, subjects.call('webhooks.*')],
    },
    operator: {
      publish: [
        '$JS.API.INFO',
        // Neither delete nor purge: nobody deletes a stream, and only the auditor trims one.
        ...['CREATE', 'UPDATE', 'INFO', 'MSG.GET'].map((call) => `$JS.API.STREAM.${call}.*`),
        '$JS.API.STREAM.LIST',
        '$JS.API.STREAM.NAMES',
        '$JS.API.CONSUMER.>',
        `${prefix}ledger.commands.*.*.*`,
        subjects.call('ledger.query.>'),
      ],
      subscribe: [
        `${inboxPrefix('operator')}.>`,
        subjects.allEvents,
        subjects.allDeadLetters,
        subjects.allCommands,
      ],
    },
  };
}
