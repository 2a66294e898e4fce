import { parseArgs } from 'node:util';
import { finishRestore, NotRecoveredError } from './backup/finish-restore.ts';
import { BackupError } from './backup/folder.ts';
import { planRestore, restoreFiles } from './backup/restore-files.ts';
import { restoreTime } from './backup/restore-time.ts';
import { findLostRequests, settleLostRequests } from './backup/settle-credits.ts';

const USAGE = `Restores the database from a backup (docs/disaster-recovery.md).

  npm run restore -- files --from FOLDER --into PGDATA [--at TIME] [--yes]
      puts the base backup in place, to be recovered up to TIME (ISO 8601; the end of the WAL unless given)
  npm run restore -- finish
      when PostgreSQL has recovered, before the services start: fences off the ledgers of before, skips numbers given out
  npm run restore -- settle [--as NAME] [--yes]
      when the ledger has decided the lost tail again: writes the credit requests that the books prove and the restored
      tables lack

Without --yes they only say what they would do. finish and settle take DATABASE_URL as the database's owner.
`;

try {
  process.stdout.write(`${await main()}\n`);
} catch (error) {
  const refused = error instanceof BackupError || error instanceof NotRecoveredError;
  if (!refused && !(error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}

async function main(): Promise<string> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      from: { type: 'string' },
      into: { type: 'string' },
      at: { type: 'string' },
      as: { type: 'string', default: 'operator' },
      yes: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command] = positionals;
  if (values.help || !command) return USAGE;
  switch (command) {
    case 'files':
      return files(values);
    case 'finish': {
      const { restoredTo } = await finishRestore(databaseUrl());
      return `the last transaction is of ${restoredTo}. Start the ledgers now; then npm run restore -- settle`;
    }
    case 'settle':
      return settle(values.as, values.yes);
    default:
      throw new BackupError(`unknown command: ${command}\n\n${USAGE}`);
  }
}

function files(values: { from?: string; into?: string; at?: string; yes: boolean }): string {
  const { from, into, at, yes } = values;
  if (!from || !into) throw new BackupError(`--from FOLDER and --into PGDATA are needed\n\n${USAGE}`);
  const to = at === undefined ? null : restoreTime(at);
  const plan = planRestore({ folder: from, into, to });
  const what = `base backup ${plan.backup.name} and ${plan.wal} WAL files, up to ${to?.toISOString() ?? 'their end'}, into ${into}`;
  if (!yes) return `would restore ${what}; repeat with --yes to do it`;
  restoreFiles(plan);
  return `in place: ${what}.\nStart PostgreSQL on it, wait until it has recovered, then npm run restore -- finish`;
}

async function settle(actor: string, yes: boolean): Promise<string> {
  const lost = await findLostRequests(databaseUrl());
  const lines = lost.map(
    ({ requestId, vendorId, amount, transactionId, status }) =>
      `  request ${requestId}: vendor ${vendorId}, ${amount} (minor units), transaction ${transactionId}, ${status ?? 'missing'}`,
  );
  if (!yes && lost.length > 0)
    return [`would write ${lost.length} credit requests; repeat with --yes to do it`, ...lines].join('\n');
  return [`wrote ${await settleLostRequests(databaseUrl(), actor)} credit requests`, ...lines].join('\n');
}

function databaseUrl(): string {
  const url = process.env.DATABASE_URL;
  if (!url) throw new BackupError('DATABASE_URL is missing: the database, as its owner');
  return url;
}
