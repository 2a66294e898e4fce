import { wholeNumber } from './arguments.ts';
import { type Cli, printText } from './cli.ts';
import { ownerDatabase } from './owner-database.ts';

const NOTE = `
DATABASE_URL is the database, as a superuser or a role with REPLICATION. PG_BIN is the folder of PostgreSQL's programs
(pg_basebackup, pg_verifybackup) unless they are in the PATH. The server archives its WAL into FOLDER/wal itself:
deploy/backup/archive-wal.sh. docs/disaster-recovery.md has the whole procedure.`;

const MOST_KEPT = 10_000;

export function addBackup({ program, env }: Cli): void {
  const backup = program
    .command('backup')
    .description('Base backups of the database, and the WAL that follows them.')
    .addHelpText('after', NOTE);
  const load = () => import('../backup/commands.ts');
  const tools = { binDir: env.PG_BIN, environment: env };
  const TO = ['--to <folder>', 'the backup folder'] as const;

  backup
    .command('base')
    .description('Takes a base backup into FOLDER/base.')
    .requiredOption(...TO)
    .action(async ({ to }: { to: string }) =>
      printText(await (await load()).takeBaseBackup(ownerDatabase(env), to, tools)),
    );
  backup
    .command('list')
    .description('Lists the base backups and counts the WAL files.')
    .requiredOption(...TO)
    .action(async ({ to }: { to: string }) => printText((await load()).listFolder(to)));
  backup
    .command('verify')
    .description('Checks the newest base backup against its manifest, and the WAL for gaps.')
    .requiredOption(...TO)
    .action(async ({ to }: { to: string }) => printText(await (await load()).verifyNewest(to, tools)));
  backup
    .command('prune')
    .description('Removes what only backups older than the N newest need; without --yes it says what.')
    .requiredOption(...TO)
    .option('--keep <n>', 'base backups to keep', wholeNumber(1, MOST_KEPT), 7)
    .option('--yes', 'do it')
    .action(async ({ to, keep, yes = false }: { to: string; keep: number; yes?: boolean }) =>
      printText((await load()).pruneFolder(to, keep, yes)),
    );
}
