import { parseArgs } from 'node:util';
import { ConfigError, createKysely, createPool, parseSettings, toolEnvironment } from '@b2b-charge/runtime';
import * as operators from './cli/operator-commands.ts';
import { readPassword } from './cli/read-password.ts';
import { UsageError } from './cli/usage-error.ts';
import { baseSettings, passwordCostIsSafe } from './config.ts';
import type { BackofficeDatabase } from './db/schema.ts';

const USAGE = `Operators of the console, in the back office's database (DATABASE_URL), or that of the local stack that runs.

  create NAME --role admin|approver|auditor
  list
  reset-password NAME
  set-role NAME --role admin|approver|auditor
  disable NAME
  enable NAME

  Passwords, of at least 12 characters, are asked for, or read as one line of standard input. A new password, another
  role and disabling end all sessions of the operator. --json prints everything as JSON.
`;

const settings = baseSettings
  .pick({ DATABASE_URL: true, CONSOLE_PASSWORD_COST: true, CONSOLE_ALLOW_WEAK_PASSWORD_COST: true })
  .refine(...passwordCostIsSafe);

async function run(args: readonly string[]): Promise<string> {
  const { values, positionals } = parseCommandLine(args);
  if (values.help) return USAGE;
  const environment = toolEnvironment(process.env, 'backoffice');
  const { DATABASE_URL, CONSOLE_PASSWORD_COST: passwordCost } = parseSettings(settings, environment);
  const pool = createPool({
    url: DATABASE_URL,
    applicationName: 'operator-cli',
    max: 1,
    statementTimeoutMs: 10_000,
  });
  const db = createKysely<BackofficeDatabase>(pool);
  try {
    const password = () => readPassword(process.stdin, process.stderr);
    const { json, text } = await operators.run({ db, passwordCost, password }, positionals, values);
    return values.json ? `${JSON.stringify(json, null, 2)}\n` : `${text}\n`;
  } finally {
    await db.destroy();
  }
}

function parseCommandLine(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { role: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

try {
  process.stdout.write(await run(process.argv.slice(2)));
} catch (error) {
  const usage = error instanceof UsageError;
  const known = usage || error instanceof ConfigError;
  process.stderr.write(`${known ? (error as Error).message : String(error)}\n${usage ? `\n${USAGE}` : ''}`);
  process.exitCode = known ? 2 : 1;
}
