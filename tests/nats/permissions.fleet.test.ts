import { type NatsConnection, PermissionViolationError } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCESS, type AccessRule, asNamedBy, USERS, type UserName } from './access-table.ts';
import { type PermittedServer, startPermittedServer } from './server.ts';

let permitted: PermittedServer;
/** By user: "publish ledger.commands.…" for all that the server refused. */
const refused = new Map<UserName, ReadonlySet<string>>();

beforeAll(async () => {
  permitted = await startPermittedServer();
  for (const user of USERS) {
    await using connection = disposable(await permitted.connect(user));
    refused.set(user, await tryEverything(user, connection.nc));
  }
});
afterAll(() => permitted?.[Symbol.asyncDispose]());

const disposable = (nc: NatsConnection) => ({ nc, [Symbol.asyncDispose]: () => nc.close() });

/** Does all that the table names, in one go; the server answers a refusal for each that is not allowed. */
async function tryEverything(user: UserName, nc: NatsConnection): Promise<Set<string>> {
  const violations = new Set<string>();
  const listening = (async () => {
    for await (const status of nc.status()) {
      if (status.type === 'error' && status.error instanceof PermissionViolationError) {
        const does = status.error.operation === 'publish' ? 'publish' : 'subscribe';
        violations.add(`${does} ${status.error.subject}`);
      }
    }
  })();
  for (const { does, subjects } of ACCESS) {
    for (const written of subjects) {
      const subject = asNamedBy(user, written);
      if (does === 'subscribe') nc.subscribe(subject, { callback: () => {} });
      else nc.publish(subject, 'x');
    }
  }
  // The server answers in order: what comes before the pong is all.
  await nc.flush();
  await nc.close();
  await listening;
  return violations;
}

describe.each(USERS)('%s', (user) => {
  const said = ({ what, does, users }: AccessRule) =>
    [users.includes(user) ? 'may' : 'may not', does, what] as const;
  test.each(ACCESS.map((rule) => [...said(rule), rule] as const))('%s %s %s', (_, does, __, rule) => {
    const allowed = rule.users.includes(user);
    const found = rule.subjects.map((subject) => [
      subject,
      !refused.get(user)!.has(`${does} ${asNamedBy(user, subject)}`),
    ]);
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(rule.subjects.map((subject) => [subject, allowed])),
    );
  });
});
