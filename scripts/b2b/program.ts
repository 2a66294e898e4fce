import { ConfigError, explain, UsageError } from '@b2b-charge/runtime';
import { Command, CommanderError } from 'commander';
import { addBackup } from './backup.ts';
import type { Cli } from './cli.ts';
import { addDeadLetters } from './dead-letters.ts';
import { addErase } from './erase.ts';
import { addExport } from './export.ts';
import { addLanes } from './lanes.ts';
import { addMigrate } from './migrate.ts';
import { addPrometheus } from './prometheus.ts';
import { addReceipt } from './receipt.ts';
import { addReconcile } from './reconcile.ts';
import { addRestore } from './restore.ts';

const REFUSED = 2;

const NOTE = `
Settings come from the environment, as for the services (docs/settings.md); a setting may stand in a file that NAME_FILE
names. Without DATABASE_URL, most commands take the settings of the local stack that runs (npm start).

Commands that change something say what they would do, and do it with --yes. --json prints JSON and nothing else.
Exit code: 0 done, 1 done with a finding or something left, 2 refused or not possible: the message says why.`;

/** All commands. `end` is called with the exit code of one that ran. */
export function createProgram(env: NodeJS.ProcessEnv, end: Cli['end']): Command {
  const program = new Command('b2b')
    .description('Operates B2B Charge Service: books, lanes, dead letters, backups.')
    .usage('<command> [options]')
    .helpCommand(false)
    .addHelpText('after', NOTE)
    .showHelpAfterError('--help shows what there is.')
    .exitOverride();
  const books = [addReconcile, addExport, addReceipt, addErase];
  const operation = [addDeadLetters, addLanes, addMigrate, addBackup, addRestore, addPrometheus];
  for (const add of [...books, ...operation]) add({ program, env, end });
  return program;
}

/** Runs `b2b` with these arguments. Returns the exit code; never throws. */
export async function runProgram(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  let exitCode = 0;
  const end = (code: 0 | 1) => {
    exitCode = code;
  };
  try {
    await createProgram(env, end).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : REFUSED;
    const known = error instanceof UsageError || error instanceof ConfigError;
    process.stderr.write(`${known ? error.message : explain(error)}\n`);
    return REFUSED;
  }
}
