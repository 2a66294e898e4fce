import { parseArgs } from 'node:util';
import { BackupError, type BaseBackup, listBackups, listWal } from './backup/folder.ts';
import { planPrune, prune } from './backup/prune.ts';
import { takeBase } from './backup/take-base.ts';
import type { Tools } from './backup/tools.ts';
import { verifyBackup } from './backup/verify.ts';

const USAGE = `Backups of the database: base backups and the WAL that follows them (docs/disaster-recovery.md).

  npm run backup -- base --to FOLDER             takes a base backup into FOLDER/base
  npm run backup -- list --to FOLDER             what there is
  npm run backup -- verify --to FOLDER           the newest one against its manifest, and the WAL for holes
  npm run backup -- prune --to FOLDER --keep N   removes what only older ones than the N newest need; says what without --yes

DATABASE_URL is the database's, as a role with REPLICATION or its superuser. PG_BIN is the folder of PostgreSQL's own
tools (pg_basebackup, pg_verifybackup) unless they are in the PATH. The server archives its WAL into FOLDER/wal itself:
deploy/backup/archive-wal.sh.
`;

try {
  process.stdout.write(`${await main()}\n`);
} catch (error) {
  if (!(error instanceof BackupError) && !(error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS'))
    throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}

async function main(): Promise<string> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      to: { type: 'string' },
      keep: { type: 'string', default: '7' },
      yes: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command] = positionals;
  if (values.help || !command) return USAGE;
  if (!values.to) throw new BackupError(`--to FOLDER is needed\n\n${USAGE}`);
  const tools: Tools = { binDir: process.env.PG_BIN, environment: process.env };
  switch (command) {
    case 'base': {
      const url = process.env.DATABASE_URL;
      if (!url) throw new BackupError('DATABASE_URL is missing');
      return describe(await takeBase(url, values.to, tools));
    }
    case 'list':
      return [...listBackups(values.to).map(describe), `${listWal(values.to).length} WAL files`].join('\n');
    case 'verify':
      return verify(values.to, tools);
    case 'prune':
      return pruneTo(values.to, Number(values.keep), values.yes);
    default:
      throw new BackupError(`unknown command: ${command}\n\n${USAGE}`);
  }
}

function describe({ name, endedAt, firstWal }: BaseBackup): string {
  return `${name}  restorable from ${endedAt.toISOString()}, WAL from ${firstWal}`;
}

async function verify(folder: string, tools: Tools): Promise<string> {
  const newest = listBackups(folder).at(-1);
  if (!newest) throw new BackupError(`${folder} has no base backup`);
  const faults = await verifyBackup(folder, newest, tools);
  if (faults.length > 0) throw new BackupError(`${newest.name} is not sound:\n  ${faults.join('\n  ')}`);
  return `${newest.name} is sound, and its WAL has no hole`;
}

function pruneTo(folder: string, keep: number, yes: boolean): string {
  if (!Number.isInteger(keep) || keep < 1) throw new BackupError('--keep N: at least 1');
  const plan = planPrune(folder, keep);
  const what = `${plan.backups.length} base backups and ${plan.wal.length} WAL files`;
  if (!yes) return `would remove ${what}; repeat with --yes to do it`;
  prune(plan);
  return `removed ${what}`;
}
