import { pastInstant } from './arguments.ts';
import { type Cli, printText } from './cli.ts';
import { ownerDatabase } from './owner-database.ts';

export function addRestore({ program, env }: Cli): void {
  const restore = program
    .command('restore')
    .description('Restores the database from a backup, in three steps (docs/disaster-recovery.md).');

  restore
    .command('files')
    .description('Step 1: puts a base backup in place; without --yes it says what it would restore.')
    .requiredOption('--from <folder>', 'the backup folder')
    .requiredOption('--into <folder>', "PostgreSQL's new, empty data folder")
    .option('--at <time>', 'recover up to this time; the end of the WAL unless given', pastInstant)
    .option('--yes', 'do it')
    .action(async ({ from, into, at, yes }: { from: string; into: string; at?: Date; yes?: true }) => {
      const { planRestore, restoreFiles } = await import('../backup/restore-files.ts');
      const plan = planRestore({ folder: from, into, to: at ?? null });
      const what = `base backup ${plan.backup.name} and ${plan.wal} WAL files, up to ${at?.toISOString() ?? 'their end'}, into ${into}`;
      if (!yes) return printText(`would restore ${what}; repeat with --yes to do it`);
      restoreFiles(plan);
      printText(
        `restored: ${what}.\nStart PostgreSQL on it, wait until it has recovered, then b2b restore finish`,
      );
    });

  restore
    .command('finish')
    .description('Step 2, after recovery and before the services start: fences off earlier ledgers.')
    .action(async () => {
      const { finishRestore } = await import('../backup/finish-restore.ts');
      const { restoredTo } = await finishRestore(ownerDatabase(env));
      printText(`the last transaction is of ${restoredTo}. Start the ledgers now; then b2b restore settle`);
    });

  restore
    .command('settle')
    .description(
      'Step 3, after the ledger decided the lost tail again: writes the credit requests that are missing.',
    )
    .option('--as <name>', 'name for the record', 'operator')
    .option('--yes', 'do it')
    .action(async ({ as, yes }: { as: string; yes?: true }) => {
      const { findLostRequests, settleLostRequests } = await import('../backup/settle-credits.ts');
      const url = ownerDatabase(env);
      const lost = await findLostRequests(url);
      const lines = lost.map(
        ({ requestId, vendorId, amount, transactionId, status }) =>
          `  request ${requestId}: vendor ${vendorId}, ${amount} (minor units), transaction ${transactionId}, ${status ?? 'missing'}`,
      );
      const done =
        yes || lost.length === 0
          ? `wrote ${await settleLostRequests(url, as)} credit requests`
          : `would write ${lost.length} credit requests; repeat with --yes to do it`;
      printText([done, ...lines].join('\n'));
    });
}
