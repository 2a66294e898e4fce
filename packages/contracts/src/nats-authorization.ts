import { LEDGER_ACCOUNT, type NatsAccess, type NatsImport } from './nats-accounts.ts';
import type { NatsUser } from './nats-users.ts';

/** The part of a nats-server's configuration that says who may come in, and what for: every account with its users. */
export function natsAuthorization(users: readonly NatsUser[]): string {
  const byAccount = Map.groupBy(users, ({ permissions }) => permissions.account ?? LEDGER_ACCOUNT);
  const accounts = [...byAccount].map(([name, members]) => accountBlock(name, members));
  return `accounts {\n${accounts.join('\n')}\n}\n`;
}

function accountBlock(name: string, users: readonly NatsUser[]): string {
  const list = (key: string, entries: readonly string[]) =>
    entries.length === 0
      ? []
      : [`    ${key}: [`, ...new Set(entries.map((entry) => `      ${entry}`)), '    ]'];
  const each = <T>(of: (permissions: NatsAccess) => readonly T[] | undefined) =>
    users.flatMap(({ permissions }) => of(permissions) ?? []);
  return [
    `  ${quote(name)} {`,
    ...(name === LEDGER_ACCOUNT ? ['    jetstream: enabled'] : []),
    ...list('exports', [
      ...each(({ answers }) => answers).map((subject) => `{ service: ${quote(subject)} }`),
      ...each(({ answersAtLength }) => answersAtLength).map(
        (subject) => `{ service: ${quote(subject)}, response_type: stream }`,
      ),
      ...each(({ streams }) => streams).map((subject) => `{ stream: ${quote(subject)} }`),
    ]),
    ...list('imports', [
      ...each(({ requests }) => requests).map((one) => importOf('service', one)),
      ...each(({ listens }) => listens).map((one) => importOf('stream', one)),
    ]),
    ...list(
      'users',
      users.map(
        ({ name: user, publicKey, permissions: { publish, subscribe } }) =>
          `# ${user}\n      { nkey: ${publicKey}, permissions: { publish: ${allow(publish)}, subscribe: ${allow(subscribe)} } }`,
      ),
    ),
    '  }',
  ].join('\n');
}

const importOf = (kind: 'service' | 'stream', { from, subject, as }: NatsImport): string =>
  `{ ${kind}: { account: ${quote(from)}, subject: ${quote(subject)} }${as === subject ? '' : `, to: ${quote(as)}`} }`;

/** An empty list would allow everything. */
const allow = (subjects: readonly string[]): string =>
  subjects.length === 0
    ? '{ deny: ">" }'
    : `{ allow: ${JSON.stringify(subjects).replaceAll('","', '", "')} }`;

const quote = (text: string): string => JSON.stringify(text);
