import { AUDIT_CALLS } from './audit.ts';
import { API, inboxPrefix, type NatsAccess, ownAccount, REPLIES, sharedAccount } from './nats-accounts.ts';
import { type CallName, VENDOR_CALLS } from './queries.ts';
import { createSubjects, type Subjects } from './subjects.ts';

export const SERVICES = ['gateway', 'backoffice', 'ledger', 'credits', 'reconciler', 'webhooks'] as const;
export type ServiceName = (typeof SERVICES)[number];
/** `operator` creates streams and consumers; no service runs as it. */
export type NatsUserName = ServiceName | 'operator';

/**
 * Where the ledger answers users of its own account. Not by `allow_responses`: a server with that tracks every message it
 * delivers that carries a reply subject, as all of a stream's do, and spends ten times the work on it (docs/adr/0005).
 */
const ANY_INBOX = '_INBOX.*.>';

/** The calls that a vendor's request may lead to. Decisions, such as "credits.approve", are the back office's. */
const GATEWAY_CALLS: readonly CallName[] = [
  'audit.checkpoint',
  'audit.keys',
  'audit.receipt',
  'audit.verify',
  'credits.cancel',
  'credits.get',
  'credits.list',
  'credits.request',
  'webhooks.create',
  'webhooks.delete',
  'webhooks.deliveries',
  'webhooks.list',
];

/** Requests that look at a stream, and read it by consumers with generated names. */
const readLog = (stream: string): string[] => [
  `${API}.STREAM.INFO.${stream}`,
  `${API}.STREAM.MSG.GET.${stream}`,
  `${API}.CONSUMER.CREATE.${stream}.*`,
  `${API}.CONSUMER.INFO.${stream}.*`,
  `${API}.CONSUMER.MSG.NEXT.${stream}.*`,
  `${API}.CONSUMER.DELETE.${stream}.*`,
];

/** Requests for a stream's messages by sequence. Without a consumer: one of its own making could be any consumer of that stream. */
const readMessages = (stream: string): string[] =>
  ['INFO', 'MSG.GET'].map((request) => `${API}.STREAM.${request}.${stream}`);

/** Requests that follow a stream by a durable consumer that the operator made. */
export const followStream = (stream: string, durable: string): string[] => [
  `${API}.CONSUMER.INFO.${stream}.${durable}`,
  `${API}.CONSUMER.MSG.NEXT.${stream}.${durable}`,
  `$JS.ACK.${stream}.${durable}.>`,
];

/** Every call and every stream of the ledger that another account may import. What each imports is its own list. */
const ledgerExports = (subjects: Subjects) => ({
  answers: [
    subjects.allCommands,
    ...['ledger.query.>', 'ledger.admin.>', 'audit.reports'].map(subjects.call),
    ...['STREAM.INFO.*', 'STREAM.MSG.GET.*', 'STREAM.PURGE.*'].map((call) => `${API}.${call}`),
    ...['CREATE.>', 'INFO.>', 'DELETE.>'].map((call) => `${API}.CONSUMER.${call}`),
    '$JS.ACK.>',
  ],
  // A request for messages is answered by many of them.
  answersAtLength: [`${API}.CONSUMER.MSG.NEXT.>`],
  streams: [subjects.call('ledger.outcomes.>'), subjects.allEvents],
});

/**
 * The least that each service needs. `namespace` as in createSubjects; "*" stands for any one (a test server that
 * many test files share).
 */
export function natsPermissions(namespace = ''): Record<NatsUserName, NatsAccess> {
  const subjects = createSubjects(namespace);
  const { commands, events, deadLetters, reports } =
    namespace === '*' ? { commands: '*', events: '*', deadLetters: '*', reports: '*' } : subjects.streams;
  const { call } = subjects;
  const seesLog = `${API}.STREAM.INFO.${commands}`;
  return {
    gateway: ownAccount('gateway', namespace, {
      publish: [
        subjects.command('*', 'gateway', '*'),
        ...['ledger.query.>', ...GATEWAY_CALLS].map(call),
        seesLog,
      ],
      subscribe: [call('ledger.outcomes.gateway.>'), call('backoffice.>')],
    }),
    backoffice: ownAccount('backoffice', namespace, {
      publish: [
        subjects.command('*', 'backoffice', '*'),
        ...['ledger.query.>', 'ledger.admin.>', 'credits.*', 'webhooks.*', 'backoffice.>'].map(call),
        // Not audit.>: audit.reports is where the reconciler alone publishes.
        ...Object.keys(AUDIT_CALLS).map(call),
        seesLog,
      ],
      subscribe: [call('ledger.outcomes.backoffice.>'), subjects.allEvents, call('backoffice.>')],
      streams: [call('backoffice.>')],
    }),
    ledger: sharedAccount(
      {
        publish: [
          call('ledger.outcomes.>'),
          // A dead letter that is sent again keeps its source: docs/adr/0010.
          subjects.command('*', '*', '*'),
          subjects.allEvents,
          subjects.allDeadLetters,
          ANY_INBOX,
          REPLIES,
          `${API}.INFO`,
          ...readLog(commands),
          ...readMessages(events),
          // A consumer that stands beyond the end of the stream is set back: docs/adr/0020.
          `${API}.CONSUMER.LIST.${events}`,
          `${API}.CONSUMER.DELETE.${events}.*`,
          `${API}.CONSUMER.CREATE.${events}.*.${subjects.allEvents}`,
          `${API}.STREAM.INFO.${deadLetters}`,
        ],
        subscribe: [
          `${inboxPrefix('ledger')}.>`,
          call('ledger.query.*'),
          ...VENDOR_CALLS.map((name) => subjects.vendorCall(name, '*')),
          call('ledger.admin.*'),
        ],
      },
      ledgerExports(subjects),
    ),
    credits: ownAccount('credits', namespace, {
      publish: [
        subjects.command('*', 'credits', '*'),
        call('ledger.query.>'),
        seesLog,
        ...followStream(events, 'credits'),
      ],
      subscribe: [call('ledger.outcomes.credits.>')],
      answers: [call('credits.*')],
    }),
    reconciler: ownAccount('reconciler', namespace, {
      publish: [
        subjects.command('*', 'reconciler', '*'),
        call('ledger.query.>'),
        subjects.auditReports,
        `${API}.STREAM.PURGE.${commands}`,
        ...readLog(commands),
        ...[events, reports].flatMap(readMessages),
      ],
      subscribe: [call('ledger.outcomes.reconciler.>')],
      answers: Object.keys(AUDIT_CALLS).map(call),
    }),
    webhooks: ownAccount('webhooks', namespace, {
      publish: [seesLog, ...followStream(events, 'webhooks')],
      subscribe: [],
      answers: [call('webhooks.*')],
    }),
    operator: sharedAccount({
      publish: [
        `${API}.INFO`,
        // Neither delete nor purge: no one deletes a stream, and only the auditor trims one.
        ...['CREATE', 'UPDATE', 'INFO', 'MSG.GET'].map((request) => `${API}.STREAM.${request}.*`),
        `${API}.STREAM.LIST`,
        `${API}.STREAM.NAMES`,
        `${API}.CONSUMER.>`,
        subjects.command('*', '*', '*'),
        call('ledger.query.>'),
      ],
      subscribe: [
        `${inboxPrefix('operator')}.>`,
        subjects.allEvents,
        subjects.allDeadLetters,
        subjects.allCommands,
      ],
    }),
  };
}
