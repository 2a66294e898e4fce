import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { BackupError, type BaseBackup, listBackups, listWal, walFolder } from './folder.ts';

export interface RestorePlan {
  readonly backup: BaseBackup;
  /** Null: to the end of the WAL. */
  readonly to: Date | null;
  readonly wal: number;
  readonly folder: string;
  /** PGDATA of the restored server. */
  readonly into: string;
}

/** The newest base backup that ended before the wanted time. Throws BackupError if there is none, or `into` is in use. */
export function planRestore({
  folder,
  into,
  to,
}: {
  folder: string;
  into: string;
  to: Date | null;
}): RestorePlan {
  const fitting = listBackups(folder).filter(({ endedAt }) => to === null || endedAt <= to);
  const backup = fitting.at(-1);
  if (!backup)
    throw new BackupError(`${folder} has no base backup that ended before ${to?.toISOString() ?? 'now'}`);
  if (existsSync(into) && readdirSync(into).length > 0)
    throw new BackupError(`${into} is not empty: nothing is ever restored over a database. Move it away`);
  const wal = listWal(folder).filter((name) => name >= backup.firstWal).length;
  return { backup, to, wal, folder, into };
}

/** Puts the files in place; starting PostgreSQL on them recovers to the time and opens a new timeline. */
export function restoreFiles({ backup, to, folder, into }: RestorePlan): void {
  mkdirSync(into, { recursive: true, mode: 0o700 });
  const { uid, gid } = statSync(into);
  cpSync(backup.folder, into, { recursive: true, verbatimSymlinks: true });
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const settings = [
    `restore_command = ${quoted(`cp "${path.resolve(walFolder(folder))}/%f" "%p"`)}`,
    "recovery_target_action = 'promote'",
    ...(to
      ? [`recovery_target_time = ${quoted(to.toISOString().replace('T', ' ').replace('Z', '+00'))}`]
      : []),
  ];
  appendFileSync(path.join(into, 'postgresql.auto.conf'), `${settings.join('\n')}\n`);
  writeFileSync(path.join(into, 'recovery.signal'), '', { mode: 0o600 });
  chmodSync(into, 0o700);
  // PostgreSQL wants to own its files, and the folder says who that is.
  for (const entry of readdirSync(into, { recursive: true }) as string[])
    lchownSync(path.join(into, entry), uid, gid);
}
