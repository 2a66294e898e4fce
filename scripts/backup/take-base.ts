import { mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { BackupError, type BaseBackup, baseFolder, listBackups, nameOf, walFolder } from './folder.ts';
import { runTool, type Tools } from './tools.ts';

/**
 * Takes a base backup from a running server. Refuses one that does not archive its WAL: it could be restored to no later
 * time than its own. Throws BackupError.
 */
export async function takeBase(url: string, folder: string, tools: Tools): Promise<BaseBackup> {
  await checkArchiving(url);
  for (const part of [baseFolder(folder), walFolder(folder)])
    mkdirSync(part, { recursive: true, mode: 0o700 });
  const name = nameOf(new Date());
  const making = path.join(baseFolder(folder), `.${name}.making`);
  try {
    const args = ['--dbname', url, '--pgdata', making, '--checkpoint', 'fast', '--wal-method', 'stream'];
    await runTool(tools, 'pg_basebackup', [...args, '--manifest-checksums', 'SHA256']);
    renameSync(making, path.join(baseFolder(folder), name));
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return listBackups(folder).find((backup) => backup.name === name)!;
}

async function checkArchiving(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect().catch((cause: Error) => {
    throw new BackupError(`PostgreSQL does not answer: ${cause.message}`, { cause });
  });
  try {
    const { rows } = await client.query<{ mode: string; failing: boolean }>(
      `SELECT current_setting('archive_mode') AS mode,
         coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) AS failing
       FROM pg_stat_archiver`,
    );
    if (rows[0]!.mode === 'off') throw new BackupError('archive_mode is off: see docs/disaster-recovery.md');
    if (rows[0]!.failing)
      throw new BackupError('the last WAL file could not be archived: look at the log of PostgreSQL');
  } finally {
    await client.end();
  }
}
