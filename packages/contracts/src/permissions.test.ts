import { describe, expect, it } from 'vitest';
import { inboxPrefix, jetStreamApi } from './nats-accounts.ts';
import { type NatsUserName, natsPermissions, SERVICES } from './permissions.ts';

/** Whether a permission covers a subject, or a filter: as the server matches them, token by token. */
function covers(permission: string, wanted: string): boolean {
  const [allowed, asked] = [permission.split('.'), wanted.split('.')];
  for (const [index, token] of allowed.entries()) {
    if (token === '>') return asked.length > index;
    const other = asked[index];
    if (other === undefined || other === '>' || (token !== '*' && token !== other)) return false;
  }
  return allowed.length === asked.length;
}

const may = (user: NatsUserName, way: 'publish' | 'subscribe', subject: string, namespace = ''): boolean =>
  natsPermissions(namespace)[user][way].some((permission) =>
    // Each user's own account has its own name for JetStream's API.
    covers(permission, subject.replace('$JS.API', jetStreamApi(user, true))),
  );

const READ_COMMANDS = [
  '$JS.API.STREAM.INFO.LEDGER_COMMANDS',
  '$JS.API.STREAM.MSG.GET.LEDGER_COMMANDS',
  '$JS.API.CONSUMER.CREATE.LEDGER_COMMANDS.x',
  '$JS.API.CONSUMER.INFO.LEDGER_COMMANDS.x',
  '$JS.API.CONSUMER.MSG.NEXT.LEDGER_COMMANDS.x',
  '$JS.API.CONSUMER.DELETE.LEDGER_COMMANDS.x',
];
const follow = (durable: string): string[] => [
  `$JS.API.CONSUMER.INFO.LEDGER_EVENTS.${durable}`,
  `$JS.API.CONSUMER.MSG.NEXT.LEDGER_EVENTS.${durable}`,
  `$JS.ACK.LEDGER_EVENTS.${durable}.1.2.3.4.5`,
];
const AUDIT_CALLS = ['verify', 'run', 'runs', 'report', 'receipt', 'keys', 'checkpoint'];

const publishes: Record<NatsUserName, string[]> = {
  gateway: [
    'ledger.commands.3.gateway.7',
    'ledger.query.vendor',
    ...['request', 'list', 'get', 'cancel'].map((call) => `credits.${call}`),
    ...['create', 'list', 'delete', 'deliveries'].map((call) => `webhooks.${call}`),
    ...['verify', 'receipt', 'keys', 'checkpoint'].map((call) => `audit.${call}`),
    '$JS.API.STREAM.INFO.LEDGER_COMMANDS',
  ],
  backoffice: [
    'ledger.commands.3.backoffice.7',
    'ledger.query.vendor',
    'ledger.admin.resubmit-dead-letter',
    'credits.approve',
    'webhooks.create',
    'backoffice.tokens',
    ...AUDIT_CALLS.map((call) => `audit.${call}`),
    '$JS.API.STREAM.INFO.LEDGER_COMMANDS',
  ],
  ledger: [
    'ledger.outcomes.gateway.a.1',
    'ledger.commands.3.till.7',
    'ledger.events.7.charge-posted',
    'ledger.dead-letters.3',
    '_INBOX.operator.x',
    '_R_.a.b',
    '$JS.API.INFO',
    ...READ_COMMANDS,
    '$JS.API.STREAM.INFO.LEDGER_EVENTS',
    '$JS.API.STREAM.MSG.GET.LEDGER_EVENTS',
    '$JS.API.CONSUMER.LIST.LEDGER_EVENTS',
    '$JS.API.CONSUMER.DELETE.LEDGER_EVENTS.x',
    '$JS.API.CONSUMER.CREATE.LEDGER_EVENTS.x.ledger.events.>',
    '$JS.API.STREAM.INFO.LEDGER_DEAD_LETTERS',
  ],
  credits: [
    '_R_.a.b',
    'ledger.commands.3.credits.7',
    'ledger.query.vendor',
    '$JS.API.STREAM.INFO.LEDGER_COMMANDS',
    ...follow('credits'),
  ],
  reconciler: [
    '_R_.a.b',
    'ledger.commands.3.reconciler.7',
    'ledger.query.vendor',
    'audit.reports',
    '$JS.API.STREAM.PURGE.LEDGER_COMMANDS',
    ...READ_COMMANDS,
    ...['LEDGER_EVENTS', 'AUDIT_REPORTS'].flatMap((stream) => [
      `$JS.API.STREAM.INFO.${stream}`,
      `$JS.API.STREAM.MSG.GET.${stream}`,
    ]),
  ],
  webhooks: ['_R_.a.b', '$JS.API.STREAM.INFO.LEDGER_COMMANDS', ...follow('webhooks')],
  operator: [
    '$JS.API.INFO',
    ...['CREATE', 'UPDATE', 'INFO', 'MSG.GET'].map((call) => `$JS.API.STREAM.${call}.LEDGER_EVENTS`),
    '$JS.API.STREAM.LIST',
    '$JS.API.STREAM.NAMES',
    '$JS.API.CONSUMER.CREATE.LEDGER_EVENTS.x',
    'ledger.commands.3.till.7',
    'ledger.query.vendor',
  ],
};

const subscribes: Record<NatsUserName, string[]> = {
  gateway: ['_INBOX.gateway.>', 'ledger.outcomes.gateway.a.*', 'backoffice.tokens.*'],
  backoffice: ['_INBOX.backoffice.>', 'ledger.outcomes.backoffice.a.*', 'backoffice.>', 'ledger.events.>'],
  ledger: [
    '_INBOX.ledger.>',
    'ledger.query.*',
    'ledger.query.vendor.*',
    'ledger.query.outcome.*',
    'ledger.admin.*',
  ],
  credits: ['_INBOX.credits.>', 'ledger.outcomes.credits.a.*', 'credits.*'],
  reconciler: ['_INBOX.reconciler.>', 'ledger.outcomes.reconciler.a.*', 'audit.run'],
  webhooks: ['_INBOX.webhooks.>', 'webhooks.*'],
  operator: ['_INBOX.operator.>', 'ledger.events.>', 'ledger.dead-letters.>', 'ledger.commands.>'],
};

const USERS = Object.keys(publishes) as NatsUserName[];
const each = (table: Record<NatsUserName, string[]>) =>
  USERS.flatMap((user) => table[user].map((subject) => [user, subject] as const));

it('there is a user for every service, and one that installs the streams', () => {
  expect(Object.keys(natsPermissions()).toSorted()).toEqual([...SERVICES, 'operator'].toSorted());
});

describe('a user may', () => {
  it.each(each(publishes))('as %s publish to %s', (user, subject) => {
    expect(may(user, 'publish', subject)).toBe(true);
  });
  it.each(each(subscribes))('as %s subscribe to %s', (user, subject) => {
    expect(may(user, 'subscribe', subject)).toBe(true);
  });
  it('do the same in a namespace, and nothing outside of it', () => {
    const inside = (subject: string) =>
      /^(_INBOX|_R_|\$JS)/.test(subject)
        ? subject
            .replaceAll(/LEDGER_(COMMANDS|EVENTS|DEAD_LETTERS)|AUDIT_REPORTS/g, 'TEST1_$&')
            .replace('.ledger.events', '.test1.ledger.events')
        : `test1.${subject}`;
    for (const user of USERS) {
      for (const subject of publishes[user])
        expect(may(user, 'publish', inside(subject), 'test1'), `${user} ${subject}`).toBe(true);
      for (const subject of subscribes[user])
        expect(may(user, 'subscribe', inside(subject), 'test1'), `${user} ${subject}`).toBe(true);
      expect(may(user, 'publish', 'ledger.commands.3.gateway.7', 'test1')).toBe(false);
    }
  });
  it('do so in no namespace, unless one is named', () => {
    expect(natsPermissions()).toEqual(natsPermissions(''));
  });
  it('do the same in whatever namespace, where one server is shared by all tests', () => {
    expect(may('ledger', 'publish', 'abc.ledger.events.7.charge-posted', '*')).toBe(true);
    expect(may('ledger', 'publish', '$JS.API.STREAM.INFO.ABC_LEDGER_EVENTS', '*')).toBe(true);
    expect(may('credits', 'publish', '$JS.API.CONSUMER.INFO.ABC_LEDGER_EVENTS.credits', '*')).toBe(true);
    expect(may('reconciler', 'publish', '$JS.API.STREAM.MSG.GET.ABC_AUDIT_REPORTS', '*')).toBe(true);
    expect(may('credits', 'publish', '$JS.API.STREAM.INFO.ABC_LEDGER_COMMANDS', '*')).toBe(true);
    expect(may('ledger', 'publish', '$JS.API.STREAM.INFO.ABC_LEDGER_DEAD_LETTERS', '*')).toBe(true);
  });
});

describe('a user may not', () => {
  const others = (allowed: NatsUserName[]) => USERS.filter((user) => !allowed.includes(user));
  it.each<[string, 'publish' | 'subscribe', string, NatsUserName[]]>([
    ['announce what the ledger alone decides', 'publish', 'ledger.events.7.charge-posted', ['ledger']],
    ['send a client an outcome', 'publish', 'ledger.outcomes.gateway.a.1', ['ledger']],
    ['publish an audit', 'publish', 'audit.reports', ['reconciler']],
    [
      'sell in the gateway’s name',
      'publish',
      'ledger.commands.3.gateway.7',
      ['gateway', 'ledger', 'operator'],
    ],
    [
      'credit in the name of credits',
      'publish',
      'ledger.commands.3.credits.7',
      ['credits', 'ledger', 'operator'],
    ],
    ['trim the command log', 'publish', '$JS.API.STREAM.PURGE.LEDGER_COMMANDS', ['reconciler']],
    ['purge the events', 'publish', '$JS.API.STREAM.PURGE.LEDGER_EVENTS', []],
    ['delete a stream', 'publish', '$JS.API.STREAM.DELETE.LEDGER_COMMANDS', []],
    ['delete a message', 'publish', '$JS.API.STREAM.MSG.DELETE.LEDGER_COMMANDS', []],
    ['read another’s replies', 'subscribe', '_INBOX.gateway.>', ['gateway']],
    ['read everybody’s replies', 'subscribe', '_INBOX.>', []],
    ['read everything', 'subscribe', '>', []],
    ['answer for the ledger', 'subscribe', 'ledger.query.vendor', ['ledger']],
    ['answer for credits', 'subscribe', 'credits.approve', ['credits']],
    ['answer for the auditor', 'subscribe', 'audit.run', ['reconciler']],
    ['approve a credit', 'publish', 'credits.approve', ['backoffice']],
    ['send a dead letter again', 'publish', 'ledger.admin.resubmit-dead-letter', ['backoffice']],
    ['replay webhooks', 'publish', 'webhooks.replay', ['backoffice']],
    ['start an audit', 'publish', 'audit.run', ['backoffice']],
    ['end a token’s use', 'publish', 'backoffice.tokens.revoked', ['backoffice']],
    ['follow every vendor’s events', 'subscribe', 'ledger.events.>', ['backoffice', 'operator']],
    ['follow the credits’ consumer', 'publish', '$JS.ACK.LEDGER_EVENTS.credits.1.2.3.4.5', ['credits']],
  ])('%s', (_, way, subject, allowed) => {
    for (const user of others(allowed)) expect(may(user, way, subject), user).toBe(false);
    for (const user of allowed) expect(may(user, way, subject), user).toBe(true);
  });
});

it('each user has an inbox of its own', () => {
  expect(new Set(USERS.map(inboxPrefix)).size).toBe(USERS.length);
});
