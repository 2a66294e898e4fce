import { BackupError, type BaseBackup, listBackups, listWal } from './folder.ts';
import { planPrune, prune } from './prune.ts';
import { takeBase } from './take-base.ts';
import type { Tools } from './tools.ts';
import { verifyBackup } from './verify.ts';

/** Each command of `b2b backup`: returns what to print. Throws BackupError. */

export const takeBaseBackup = async (url: string, folder: string, tools: Tools): Promise<string> =>
  describe(await takeBase(url, folder, tools));

export const listFolder = (folder: string): string =>
  [...listBackups(folder).map(describe), `${listWal(folder).length} WAL files`].join('\n');

export async function verifyNewest(folder: string, tools: Tools): Promise<string> {
  const newest = listBackups(folder).at(-1);
  if (!newest) throw new BackupError(`${folder} has no base backup`);
  const faults = await verifyBackup(folder, newest, tools);
  if (faults.length > 0) throw new BackupError(`${newest.name} is damaged:\n  ${faults.join('\n  ')}`);
  return `${newest.name} is complete, and its WAL has no gap`;
}

export function pruneFolder(folder: string, keep: number, yes: boolean): string {
  const plan = planPrune(folder, keep);
  const what = `${plan.backups.length} base backups and ${plan.wal.length} WAL files`;
  if (!yes) return `would remove ${what}; repeat with --yes to do it`;
  prune(plan);
  return `removed ${what}`;
}

const describe = ({ name, endedAt, firstWal }: BaseBackup): string =>
  `${name}  restorable from ${endedAt.toISOString()}, WAL from ${firstWal}`;
