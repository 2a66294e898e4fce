import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '@b2b-charge/runtime';

export class BackupError extends UsageError {
  override name = 'BackupError';
}

/** One base backup: `base/<UTC time>/` of a backup folder, as pg_basebackup wrote it. */
export interface BaseBackup {
  readonly name: string;
  readonly folder: string;
  /** Consistent from here on: the earliest instant that it can be restored to. */
  readonly endedAt: Date;
  /** The first WAL file that it needs. */
  readonly firstWal: string;
}

const NAME = /^\d{8}T\d{6}Z$/;
export const nameOf = (at: Date): string => at.toISOString().replace(/[-:]|\.\d+/g, '');

export const baseFolder = (folder: string): string => path.join(folder, 'base');
export const walFolder = (folder: string): string => path.join(folder, 'wal');

/** Whole base backups, the oldest first. */
export function listBackups(folder: string): BaseBackup[] {
  if (!existsSync(baseFolder(folder))) return [];
  return readdirSync(baseFolder(folder))
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => readBackup(path.join(baseFolder(folder), name)))
    .filter((backup) => backup !== null);
}

function readBackup(folder: string): BaseBackup | null {
  const [label, manifest] = ['backup_label', 'backup_manifest'].map((name) => path.join(folder, name));
  if (!existsSync(label!) || !existsSync(manifest!)) return null;
  const firstWal = /^START WAL LOCATION: .*\(file ([0-9A-F]{24})\)/m.exec(readFileSync(label!, 'utf8'))?.[1];
  if (!firstWal) throw new BackupError(`${label} does not name the first WAL file`);
  // pg_basebackup writes the manifest last.
  return { name: path.basename(folder), folder, endedAt: statSync(manifest!).mtime, firstWal };
}

/** Names of the WAL files of the archive, in order; histories and backup labels apart. */
export const listWal = (folder: string): string[] =>
  existsSync(walFolder(folder))
    ? readdirSync(walFolder(folder))
        .filter((name) => /^[0-9A-F]{24}$/.test(name))
        .sort()
    : [];
