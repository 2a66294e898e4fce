import {
  createSubjects,
  laneOf,
  natsPermissions,
  systemConsumers,
  systemPermissions,
} from '@b2b-charge/contracts';
import { ensureEventConsumer, ensureStreams } from '@b2b-charge/runtime';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BILLING, LANES, REPORTS, type UserName } from './access-table.ts';
import { type PermittedServer, startPermittedServer } from './server.ts';

/**
 * A message names the subject that its answer goes to, and JetStream or a service sends it there with rights of its own.
 * Each user sends all that it may send, with each of these reply subjects: nothing may arrive there.
 */

const MEBIBYTE = 1024 ** 2;
const subjects = createSubjects();
const { commands, events, deadLetters, reports } = subjects.streams;
const GOALS = [
  `$JS.API.STREAM.DELETE.${commands}`,
  `$JS.ledger.API.STREAM.DELETE.${commands}`,
  `$JS.API.STREAM.PURGE.${events}`,
  `$JS.API.STREAM.PURGE.${deadLetters}`,
  `$JS.API.CONSUMER.DELETE.${events}.webhooks`,
  subjects.auditReports,
  subjects.event(13, 'charge-posted'),
  subjects.deadLetter(3),
  subjects.outcome('gateway', 'a.1'),
  subjects.command(laneOf(13, LANES), 'credits', 13),
  '_INBOX.ledger.a.1',
  'credits.approve',
];
/** A batch that ends at once, an acknowledgement, the next message by way of one, a command, and nothing. */
const PAYLOADS = ['{"batch":1,"no_wait":true}', '+ACK', '+NXT {"batch":1,"no_wait":true}', '{}', ''];
/** Rights of the reconciler, not ways around one. */
const OWN_RIGHTS = [`STREAM.PURGE.${commands}`, 'CONSUMER.DELETE.', subjects.auditReports];

const granted: Partial<Record<UserName, readonly string[]>> = {
  ...Object.fromEntries(Object.entries(natsPermissions()).map(([name, { publish }]) => [name, publish])),
  billing: systemPermissions(BILLING, { lanes: LANES }).publish,
  reports: systemPermissions(REPORTS, { lanes: LANES }).publish,
};
const USERS = (Object.keys(granted) as UserName[]).filter((user) => user !== 'ledger' && user !== 'operator');

/** Subjects that a user may publish on, wildcards filled in. */
const subjectsOf = (user: UserName): string[] =>
  granted[user]!.filter((subject) => !OWN_RIGHTS.some((right) => subject.includes(right)))
    .filter((subject) => !subject.startsWith('_INBOX') && !subject.startsWith('_R_'))
    .map((subject) =>
      subject
        .replace(/commands\.\*\.([a-z]+)\.\*/, `commands.${laneOf(12, LANES)}.$1.12`)
        .replaceAll('*', 'x')
        .replace(/>$/, subject.includes('ACK') ? '1.1.1.1.1' : 'x'),
    );

const stack = new AsyncDisposableStack();
let permitted: PermittedServer;
let operator: NatsConnection;
beforeAll(async () => {
  permitted = stack.use(await startPermittedServer());
  const as = async (user: UserName) => stack.adopt(await permitted.connect(user), (nc) => nc.close());
  operator = await as('operator');
  const ledger = await as('ledger');
  // A service at its worst: it answers wherever it is asked to.
  ledger.subscribe('ledger.query.>', { callback: (_error, message) => void message.respond('{"ok":true}') });
});
afterAll(() => stack.disposeAsync());

/** The streams as they are to stay: one message each, or a few. */
beforeEach(async () => {
  const manager = await jetstreamManager(operator);
  await ensureStreams(operator, subjects, {
    replicas: 1,
    commandsMaxBytes: 64 * MEBIBYTE,
    eventsMaxBytes: 64 * MEBIBYTE,
  });
  for (const consumer of [BILLING, REPORTS].flatMap((system) => systemConsumers(system, subjects))) {
    await ensureEventConsumer(manager, events, consumer);
  }
  await using ledger = disposable(await permitted.connect('ledger'));
  const js = jetstream(ledger.nc, { checkAPI: false });
  for (const vendor of [12, 13]) await js.publish(subjects.event(vendor, 'charge-posted'), '{"given":true}');
  await js.publish(subjects.deadLetter(3), '{"given":true}');
});

const disposable = (nc: NatsConnection) => ({ nc, [Symbol.asyncDispose]: () => nc.close() });

/** Subjects and numbers in every stream; by name. */
async function contents(): Promise<Record<string, unknown>> {
  const manager = await jetstreamManager(operator);
  const all = await Promise.all(
    Object.values(subjects.streams).map(async (name) => {
      const info = await manager.streams
        .info(name, { subjects_filter: '>' })
        .catch((error) => error as Error);
      if (info instanceof Error) return [name, info.message] as const;
      return [name, { first: info.state.first_seq, subjects: info.state.subjects ?? {} }] as const;
    }),
  );
  return Object.fromEntries(all);
}

describe.each(USERS)('%s', (user) => {
  test('reaches nothing by a reply subject', async () => {
    const before = await contents();
    await using client = disposable(await permitted.connect(user));
    const goals = GOALS.filter((goal) => !granted[user]!.includes(goal));
    for (const reply of goals) {
      for (const subject of subjectsOf(user)) {
        for (const payload of PAYLOADS) client.nc.publish(subject, payload, { reply });
      }
    }
    await client.nc.flush();
    // JetStream takes requests in their order: an answer to the last one comes after those to the others.
    await operator.request(`$JS.API.STREAM.INFO.${reports}`, '');
    const after = await contents();
    for (const name of [events, deadLetters, reports]) expect.soft(after[name]).toEqual(before[name]);
    const log = after[commands] as { subjects?: Record<string, number> };
    const own = new RegExp(`^ledger\\.commands\\.\\d+\\.${user}\\.\\d+$`);
    const known = Object.keys((before[commands] as { subjects?: object }).subjects ?? {});
    const news = Object.keys(log.subjects ?? { gone: 1 }).filter((subject) => !known.includes(subject));
    expect.soft(news.filter((subject) => !own.test(subject))).toEqual([]);
    const consumers = await (await jetstreamManager(operator)).consumers.list(events).next();
    expect(consumers.map(({ name }) => name)).toContain('webhooks');
  });
});
