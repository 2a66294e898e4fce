import type { Kysely } from 'kysely';
import { recordAct } from '../console/operators/acts.ts';
import { MAX_PASSWORD, MIN_PASSWORD, ROLES, type Role, USERNAME } from '../console/operators/operator.ts';
import {
  changeOperator,
  createOperator,
  listOperators,
  type OperatorView,
} from '../console/operators/operator-store.ts';
import type { BackofficeDatabase } from '../db/schema.ts';
import { UsageError } from './usage-error.ts';

interface OperatorContext {
  readonly db: Kysely<BackofficeDatabase>;
  /** Cost of a new password's hash: CONSOLE_PASSWORD_COST. */
  readonly passwordCost: number;
  /** Asks for a new password. */
  password(): Promise<string>;
}

interface Printed {
  readonly json: unknown;
  readonly text: string;
}

const LISTED = 1_000;

/** Carries out one command. Throws UsageError. */
export async function run(
  context: OperatorContext,
  [command, name, ...rest]: readonly string[],
  options: { readonly role?: string | undefined },
): Promise<Printed> {
  if (command === 'list' && name === undefined) return list(context);
  if (name === undefined || rest.length > 0) throw new UsageError('a command and a name are needed');
  const username = name.toLowerCase();
  switch (command) {
    case 'create':
      return create(context, username, roleOf(options.role));
    case 'reset-password':
      return change(context, username, command, {
        password: { text: await newPassword(context), cost: context.passwordCost },
      });
    case 'set-role':
      return change(context, username, command, { role: roleOf(options.role) });
    case 'disable':
      return change(context, username, command, { enabled: false });
    case 'enable':
      return change(context, username, command, { enabled: true });
    default:
      throw new UsageError(`unknown command: ${command}`);
  }
}

async function create(context: OperatorContext, username: string, role: Role): Promise<Printed> {
  if (!USERNAME.test(username))
    throw new UsageError('a name is 2 to 40 of a-z, 0-9, ".", "_" and "-", and begins with a letter');
  const password = await newPassword(context);
  const { db, passwordCost } = context;
  const created = await createOperator(db, { username, role, password, passwordCost, createdBy: 'cli' });
  if (!created) throw new UsageError(`there is an operator ${username} already`);
  await record(context, 'create', username, { role });
  return { json: { username, role, enabled: true }, text: `${username} created, ${role}` };
}

async function change(
  context: OperatorContext,
  username: string,
  command: string,
  to: Parameters<typeof changeOperator>[2],
): Promise<Printed> {
  const changed = await changeOperator(context.db, username, to);
  if (!changed) throw new UsageError(`there is no operator ${username}`);
  await record(context, command, username, to.role === undefined ? {} : { role: to.role });
  const { role, enabled } = changed;
  const state = enabled ? role : 'disabled';
  return { json: { username, role, enabled }, text: `${username}: ${state}; all sessions have ended` };
}

async function list({ db }: OperatorContext): Promise<Printed> {
  const operators = await listOperators(db, LISTED);
  return { json: { operators }, text: operators.map(line).join('\n') };
}

const line = ({ username, role, enabled, last_signed_in_at }: OperatorView): string =>
  [
    username.padEnd(24),
    role.padEnd(9),
    enabled ? 'enabled ' : 'disabled',
    `last signed in ${last_signed_in_at ?? 'never'}`,
  ].join('  ');

async function newPassword({ password }: OperatorContext): Promise<string> {
  const given = await password();
  if (given.length < MIN_PASSWORD || given.length > MAX_PASSWORD)
    throw new UsageError(`a password has ${MIN_PASSWORD} to ${MAX_PASSWORD} characters`);
  return given;
}

function roleOf(text: string | undefined): Role {
  const role = ROLES.find((one) => one === text);
  if (!role) throw new UsageError(`--role is needed: ${ROLES.join(', ')}`);
  return role;
}

const record = (
  { db }: OperatorContext,
  command: string,
  username: string,
  details: Record<string, unknown>,
): Promise<void> =>
  recordAct(db, {
    operator: 'cli',
    act: `operator.${command}`,
    target: `operator:${username}`,
    address: 'cli',
    requestId: `cli-${process.pid}`,
    details,
  });
