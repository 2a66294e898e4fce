import type { NatsPermissions } from '@b2b-charge/contracts';

interface NatsUser {
  readonly name: string;
  /** The public nkey (U…). */
  readonly publicKey: string;
  readonly permissions: NatsPermissions;
}

/** The users of a nats-server, for its configuration to include: known by their keys, and nothing for anyone else. */
export function natsUsers(users: readonly NatsUser[]): string {
  const entries = users.map(({ name, publicKey, permissions: { publish, subscribe } }) => {
    const rights = `publish: ${allow(publish)}, subscribe: ${allow(subscribe)}`;
    return `    # ${name}\n    { nkey: ${publicKey}, permissions: { ${rights} } }`;
  });
  return `authorization {\n  users: [\n${entries.join('\n')}\n  ]\n}`;
}

/** An empty list would allow everything. */
const allow = (subjects: readonly string[]): string =>
  subjects.length === 0 ? '{ deny: ">" }' : `{ allow: ${JSON.stringify(subjects)} }`;
