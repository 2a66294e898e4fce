import { rmSync } from 'node:fs';
import path from 'node:path';
import { listBackups, listWal, walFolder } from './folder.ts';

export interface PrunePlan {
  readonly backups: readonly string[];
  readonly wal: readonly string[];
}

/** What is older than the `keep` newest base backups, and the WAL that only those needed. */
export function planPrune(folder: string, keep: number): PrunePlan {
  const backups = listBackups(folder);
  const kept = backups.slice(-keep);
  const oldest = kept[0];
  return {
    backups: backups.slice(0, -keep).map((backup) => backup.folder),
    wal: oldest
      ? listWal(folder)
          .filter((name) => name.slice(8) < oldest.firstWal.slice(8))
          .map((name) => path.join(walFolder(folder), name))
      : [],
  };
}

export function prune({ backups, wal }: PrunePlan): void {
  for (const file of [...backups, ...wal]) rmSync(file, { recursive: true, force: true });
}
