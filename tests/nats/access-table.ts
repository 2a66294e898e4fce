import { jetStreamApi, laneOf, type NatsUserName, SERVICES } from '@b2b-charge/contracts';

/** Two internal systems: one of two vendors, one of all. */
export const BILLING = { name: 'billing', vendors: [12, 15] } as const;
export const REPORTS = { name: 'reports', vendors: 'all' } as const;
export const LANES = 16;

export type UserName = NatsUserName | 'billing' | 'reports';
export const USERS: readonly UserName[] = [...SERVICES, 'operator', 'billing', 'reports'];
/** May read the command log and the events as a whole. */
const READERS: readonly UserName[] = ['ledger', 'reconciler', 'operator'];

/** What a user may do to subjects of a class; whoever is not named may not. */
export interface AccessRule {
  readonly what: string;
  readonly does: 'publish' | 'subscribe';
  readonly subjects: readonly string[];
  readonly users: readonly UserName[];
}

const rule = (
  does: AccessRule['does'],
  what: string,
  subjects: string | readonly string[],
  users: readonly UserName[] = [],
): AccessRule => ({ what, does, subjects: [subjects].flat(), users });

const [COMMANDS, EVENTS, LETTERS, REPORT] = [
  'LEDGER_COMMANDS',
  'LEDGER_EVENTS',
  'LEDGER_DEAD_LETTERS',
  'AUDIT_REPORTS',
] as const;
const STREAMS = [COMMANDS, EVENTS, LETTERS, REPORT];
const command = (source: string, vendor: number, lane = laneOf(vendor, LANES)) =>
  `ledger.commands.${lane}.${source}.${vendor}`;
const onEach = (...calls: string[]) =>
  STREAMS.flatMap((stream) => calls.map((call) => `$JS.API.${call}.${stream}`));
const consumer = (name: string, vendor: string) =>
  `$JS.API.CONSUMER.CREATE.${EVENTS}.${name}.ledger.events.${vendor}`;

/**
 * A subject as a user's own account names it: JetStream's API has another prefix in all but the ledger's account.
 */
export const asNamedBy = (user: UserName, subject: string): string =>
  subject.startsWith('$JS.API.') ? subject.replace('$JS.API', jetStreamApi(user, true)) : subject;

/** Written down by hand, as it was meant: what the permissions come to is tested against it on a real server. */
export const ACCESS: readonly AccessRule[] = [
  ...(['gateway', 'backoffice', 'credits', 'reconciler'] as const).map((name) =>
    rule(
      'publish',
      `a command in the name of ${name}`,
      [command(name, 12), command(name, 13)],
      [name, 'ledger', 'operator'],
    ),
  ),
  rule(
    'publish',
    'a command in the name of a system, for a vendor of its own',
    [12, 15].map((id) => command('billing', id)),
    ['billing', 'ledger', 'operator'],
  ),
  rule('publish', 'a command in the name of a system, for another vendor', command('billing', 13), [
    'ledger',
    'operator',
  ]),
  rule(
    'publish',
    'a command in the name of a system, on another lane',
    [command('billing', 12, 0), command('billing', 15, 10), command('billing', 12, 16)],
    ['ledger', 'operator'],
  ),
  rule(
    'publish',
    'a command in the name of a system that has all vendors',
    [command('reports', 12), command('reports', 13)],
    ['reports', 'ledger', 'operator'],
  ),
  rule(
    'publish',
    'a command in the name of nobody',
    [command('ledger', 12), command('someone', 12)],
    ['ledger', 'operator'],
  ),
  rule('publish', 'a command of no form', [
    'ledger.commands',
    'ledger.commands.10.billing.12.x',
    'ledger.commands.10.billing',
  ]),

  rule('publish', 'an outcome', ['ledger.outcomes.gateway.a.1', 'ledger.outcomes.billing.a.1'], ['ledger']),
  rule('subscribe', 'all outcomes', ['ledger.outcomes.>', 'ledger.>', '>', '*.outcomes.>']),
  ...(['gateway', 'backoffice', 'credits', 'reconciler', 'billing', 'reports'] as const).map((name) =>
    rule(
      'subscribe',
      `the outcomes of ${name}`,
      [`ledger.outcomes.${name}.>`, `ledger.outcomes.${name}.a.*`],
      [name],
    ),
  ),
  rule('subscribe', 'commands', ['ledger.commands.>', command('billing', 12)], ['operator']),

  rule(
    'publish',
    'an event',
    ['ledger.events.12.charge-posted', 'ledger.events.13.charge-posted'],
    ['ledger'],
  ),
  rule(
    'subscribe',
    'the events of a vendor of billing',
    ['ledger.events.12.>', 'ledger.events.15.charge-posted'],
    ['backoffice', 'operator', 'billing', 'reports'],
  ),
  rule(
    'subscribe',
    'the events of another vendor',
    ['ledger.events.13.>', 'ledger.events.*.charge-posted', 'ledger.events.>'],
    ['backoffice', 'operator', 'reports'],
  ),
  rule('publish', 'a dead letter', 'ledger.dead-letters.3', ['ledger']),
  rule('subscribe', 'dead letters', ['ledger.dead-letters.>', 'ledger.dead-letters.3'], ['operator']),

  rule(
    'publish',
    'a question about a vendor of billing',
    ['ledger.query.outcome.12', 'ledger.query.vendor.15', 'ledger.query.transactions.12'],
    ['gateway', 'backoffice', 'credits', 'reconciler', 'operator', 'billing', 'reports'],
  ),
  rule(
    'publish',
    'a question about another vendor',
    ['ledger.query.outcome.13', 'ledger.query.vendor.13', 'ledger.query.transactions.13'],
    ['gateway', 'backoffice', 'credits', 'reconciler', 'operator', 'reports'],
  ),
  rule(
    'publish',
    'a question that names its vendor in the body, or none',
    [
      'ledger.query.outcome',
      'ledger.query.vendor',
      'ledger.query.vendors',
      'ledger.query.transactions',
      'ledger.query.lanes',
      'ledger.query.dead-letters',
    ],
    ['gateway', 'backoffice', 'credits', 'reconciler', 'operator'],
  ),
  rule(
    'subscribe',
    'questions to the ledger',
    ['ledger.query.*', 'ledger.query.outcome.*', 'ledger.admin.*'],
    ['ledger'],
  ),
  rule(
    'publish',
    'a question of a vendor to credits, webhooks or the auditor',
    ['credits.request', 'credits.list', 'webhooks.create', 'audit.verify', 'audit.receipt'],
    ['gateway', 'backoffice'],
  ),
  rule(
    'publish',
    'a decision of credits, webhooks or the auditor',
    ['credits.approve', 'credits.set-limit', 'webhooks.replay', 'audit.run'],
    ['backoffice'],
  ),
  rule('subscribe', 'questions to credits', 'credits.*', ['credits']),
  rule('subscribe', 'questions about webhooks', 'webhooks.*', ['webhooks']),
  rule('subscribe', 'questions to the auditor', ['audit.verify', 'audit.run'], ['reconciler']),
  rule('subscribe', 'all that goes to the auditor', 'audit.*'),
  rule('publish', 'an audit report', 'audit.reports', ['reconciler']),
  rule('publish', 'a notice of a revoked token', 'backoffice.tokens.revoked', ['backoffice']),
  rule('subscribe', 'notices of revoked tokens', 'backoffice.tokens.revoked', ['gateway', 'backoffice']),

  ...USERS.map((name) => rule('subscribe', `the inbox of ${name}`, `_INBOX.${name}.>`, [name])),
  rule('subscribe', 'every inbox', ['_INBOX.>', '_INBOX.*.>']),
  rule('publish', 'a reply to an inbox', '_INBOX.gateway.x', ['ledger']),
  rule('publish', 'a reply to another account', '_R_.a.b', ['ledger', 'credits', 'reconciler', 'webhooks']),

  rule('publish', 'the deletion of a stream', [...onEach('STREAM.DELETE'), '$JS.API.STREAM.DELETE.OTHER']),
  rule('publish', 'the deletion of a message', onEach('STREAM.MSG.DELETE')),
  rule('publish', 'the purge of the command log', `$JS.API.STREAM.PURGE.${COMMANDS}`, ['reconciler']),
  rule(
    'publish',
    'the purge of another stream',
    [EVENTS, LETTERS, REPORT].map((name) => `$JS.API.STREAM.PURGE.${name}`),
  ),
  rule(
    'publish',
    'a stream, made or changed',
    [...onEach('STREAM.CREATE', 'STREAM.UPDATE'), '$JS.API.STREAM.CREATE.OTHER'],
    ['operator'],
  ),
  rule(
    'publish',
    'a snapshot, a restore, a step-down',
    onEach('STREAM.SNAPSHOT', 'STREAM.RESTORE', 'STREAM.LEADER.STEPDOWN'),
  ),
  ...['INFO', 'MSG.GET'].map((call) =>
    rule('publish', `${call} of the events`, `$JS.API.STREAM.${call}.${EVENTS}`, READERS),
  ),
  rule('publish', 'a look at the command log', `$JS.API.STREAM.INFO.${COMMANDS}`, [
    'gateway',
    'backoffice',
    'ledger',
    'credits',
    'reconciler',
    'webhooks',
    'operator',
  ]),
  rule('publish', 'a message of the command log', `$JS.API.STREAM.MSG.GET.${COMMANDS}`, READERS),
  rule('publish', 'a message of the events, directly', [
    `$JS.API.DIRECT.GET.${EVENTS}`,
    `$JS.API.DIRECT.GET.${EVENTS}.ledger.events.12.charge-posted`,
  ]),
  rule('publish', 'a list of what there is', ['$JS.API.STREAM.LIST', '$JS.API.STREAM.NAMES'], ['operator']),
  rule('publish', 'a reader of the command log', `$JS.API.CONSUMER.CREATE.${COMMANDS}.x7`, READERS),

  rule(
    'publish',
    'a system’s consumer of a vendor of its own',
    [
      consumer('billing_12', '12.>'),
      consumer('billing_12_replay', '12.>'),
      consumer('billing_15', '15.charge-posted'),
    ],
    ['ledger', 'operator'],
  ),
  rule(
    'publish',
    'a system’s consumer of another vendor, or of all',
    [
      consumer('billing_12', '13.>'),
      consumer('billing_12', '15.>'),
      consumer('billing_12', '*.>'),
      consumer('billing_12', '*.charge-posted'),
      `$JS.API.CONSUMER.CREATE.${EVENTS}.billing_12.ledger.events.>`,
    ],
    ['ledger', 'operator'],
  ),
  rule('publish', 'a consumer of all that there is', `$JS.API.CONSUMER.CREATE.${EVENTS}.billing_12.>`, [
    'operator',
  ]),
  rule(
    'publish',
    'a consumer without a filter in its subject',
    [
      `$JS.API.CONSUMER.CREATE.${EVENTS}.billing_12`,
      `$JS.API.CONSUMER.CREATE.${EVENTS}`,
      `$JS.API.CONSUMER.DURABLE.CREATE.${EVENTS}.billing_12`,
      `$JS.API.CONSUMER.DURABLE.CREATE.${EVENTS}.credits`,
    ],
    ['operator'],
  ),
  rule('publish', 'a consumer that reads all vendors', consumer('reports_all', '>'), ['ledger', 'operator']),
  rule(
    'publish',
    'the consumer of credits',
    [`$JS.API.CONSUMER.MSG.NEXT.${EVENTS}.credits`, `$JS.API.CONSUMER.INFO.${EVENTS}.credits`],
    ['credits', 'operator'],
  ),
  rule('publish', 'the consumer of credits, made', consumer('credits', '*.credit-posted'), [
    'ledger',
    'operator',
  ]),
  rule(
    'publish',
    'the consumer of webhooks',
    [`$JS.API.CONSUMER.MSG.NEXT.${EVENTS}.webhooks`, `$JS.API.CONSUMER.INFO.${EVENTS}.webhooks`],
    ['webhooks', 'operator'],
  ),
  rule('publish', 'the consumer of webhooks, made', consumer('webhooks', '>'), ['ledger', 'operator']),
  rule(
    'publish',
    'the next messages of a system’s consumer',
    [`$JS.API.CONSUMER.MSG.NEXT.${EVENTS}.billing_12`, `$JS.API.CONSUMER.INFO.${EVENTS}.billing_12`],
    ['billing', 'operator'],
  ),
  rule(
    'publish',
    'the deletion of a system’s consumer',
    `$JS.API.CONSUMER.DELETE.${EVENTS}.billing_12_replay`,
    ['ledger', 'operator'],
  ),
  rule('publish', 'an acknowledgement to a system’s consumer', `$JS.ACK.${EVENTS}.billing_12.1.2.3.4.5`, [
    'billing',
  ]),
  rule('publish', 'an acknowledgement to the consumer of credits', `$JS.ACK.${EVENTS}.credits.1.2.3.4.5`, [
    'credits',
  ]),
  rule('publish', 'an acknowledgement to the consumer of webhooks', `$JS.ACK.${EVENTS}.webhooks.1.2.3.4.5`, [
    'webhooks',
  ]),
  rule(
    'publish',
    'the deletion of somebody else’s consumer',
    [`$JS.API.CONSUMER.DELETE.${EVENTS}.credits`, `$JS.API.CONSUMER.DELETE.${EVENTS}.x7`],
    ['ledger', 'operator'],
  ),
  rule('publish', 'a list of the consumers of the events', `$JS.API.CONSUMER.LIST.${EVENTS}`, [
    'ledger',
    'operator',
  ]),
  rule(
    'publish',
    'lists of consumers',
    [`$JS.API.CONSUMER.LIST.${COMMANDS}`, `$JS.API.CONSUMER.NAMES.${EVENTS}`],
    ['operator'],
  ),
  rule('publish', 'the deletion of a consumer of the dead letters', `$JS.API.CONSUMER.DELETE.${LETTERS}.x7`, [
    'operator',
  ]),

  rule('publish', 'an order to the server', [
    '$SYS.REQ.SERVER.PING',
    '$JS.API.SERVER.REMOVE',
    '$JS.API.ACCOUNT.PURGE.X',
    '$JS.API.META.LEADER.STEPDOWN',
  ]),
  rule('subscribe', 'what the server says of itself', ['$SYS.>', '$JS.EVENT.ADVISORY.>', '$JS.API.>']),
  rule('publish', 'anything else', ['anything', 'ledger', 'ledger.events', '_INBOX', 'credits']),
];
