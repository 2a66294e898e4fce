/**
 * A NATS account is a border. A reply subject that a message names across it means a subject of the sender's own account,
 * so an answer from JetStream or from a service reaches nothing that the sender could not reach itself (docs/adr/0026).
 */

/** The account of JetStream, the ledger and the operator. */
export const LEDGER_ACCOUNT = 'ledger';
/** JetStream's API in its own account. */
export const API = '$JS.API';
/** JetStream's API in every other account: that of the JetStream domain "ledger", as clients name it. */
export const FOREIGN_API = `$JS.${LEDGER_ACCOUNT}.API`;
/** Where requests of another account are answered: the server puts these subjects in place of the sender's. */
export const REPLIES = '_R_.>';

/** Prefix of the reply subjects that one user, and no other, may subscribe to. */
export const inboxPrefix = (user: string): string => `_INBOX.${user}`;

/** What one NATS user may do. */
export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** A subject of another account, and what it is called in this one. */
export interface NatsImport {
  readonly from: string;
  readonly subject: string;
  readonly as: string;
}

/** What one NATS user may do, and what crosses the border of its account. */
export interface NatsAccess extends NatsPermissions {
  /** The ledger's unless named. */
  readonly account?: string;
  /** Requests that this account answers for others, with one message. */
  readonly answers?: readonly string[];
  /** Requests that it answers with several messages. */
  readonly answersAtLength?: readonly string[];
  /** Subjects that others may listen to. */
  readonly streams?: readonly string[];
  /** Requests to other accounts. */
  readonly requests?: readonly NatsImport[];
  /** Subjects of other accounts that it listens to. */
  readonly listens?: readonly NatsImport[];
}

export const sharedAccount = (
  permissions: NatsPermissions,
  exported: Pick<NatsAccess, 'answers' | 'answersAtLength' | 'streams'> = {},
): NatsAccess => ({ ...permissions, ...exported });

interface OwnAccount {
  /** Requests to other accounts, and what stays among the user's own connections. */
  readonly publish: readonly string[];
  /** Subjects of other accounts, and of its own. */
  readonly subscribe: readonly string[];
  /** Requests of other accounts that this user answers. */
  readonly answers?: readonly string[];
  /** Subjects of its own account that others may listen to. */
  readonly streams?: readonly string[];
}

/** Gives a user an account of its own that imports exactly what the user may do. `namespace` as in createSubjects. */
export function ownAccount(
  name: string,
  namespace: string,
  { publish, subscribe, answers = [], streams = [] }: OwnAccount,
): NatsAccess {
  const imported = (subject: string): NatsImport => ({
    from: accountOf(subject, namespace),
    subject,
    as: subject.startsWith(`${API}.`) ? FOREIGN_API + subject.slice(API.length) : subject,
  });
  const all = publish.map(imported);
  return {
    account: name,
    publish: [...all.map(({ as }) => as), ...(answers.length > 0 ? [REPLIES] : [])],
    subscribe: [`${inboxPrefix(name)}.>`, ...subscribe, ...answers],
    answers,
    streams,
    requests: all.filter(({ from }) => from !== name),
    listens: subscribe.map(imported).filter(({ from }) => from !== name),
  };
}

/** Accounts by the first token of the calls that they answer. */
const ANSWERED_BY: Readonly<Record<string, string>> = {
  credits: 'credits',
  webhooks: 'webhooks',
  backoffice: 'backoffice',
  audit: 'reconciler',
};

function accountOf(subject: string, namespace: string): string {
  const name = namespace === '' ? subject : subject.replace(`${namespace}.`, '');
  // The stream of reports is JetStream's, not the reconciler's.
  if (name === 'audit.reports') return LEDGER_ACCOUNT;
  return ANSWERED_BY[name.split('.')[0]!] ?? LEDGER_ACCOUNT;
}

/** Prefix of JetStream's API for a user: with a key it is one of ours, in its account; a server without users has one account. */
export const jetStreamApi = (user: string, hasKey: boolean): string =>
  hasKey && user !== 'ledger' && user !== 'operator' ? FOREIGN_API : API;
