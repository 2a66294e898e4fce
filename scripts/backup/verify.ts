import { type BaseBackup, listWal } from './folder.ts';
import { hasTool, runTool, type Tools } from './tools.ts';

const SEGMENTS_PER_FILE = 0x1_0000_0000n / (16n * 1024n * 1024n);

/** What is wrong with a backup: its files against its manifest, and holes in the WAL that follows it. */
export async function verifyBackup(folder: string, backup: BaseBackup, tools: Tools): Promise<string[]> {
  const faults: string[] = [];
  if (hasTool(tools, 'pg_verifybackup')) {
    // The WAL that it needs is in the backup itself; what follows is looked at below.
    await runTool(tools, 'pg_verifybackup', ['--quiet', '--no-parse-wal', backup.folder]).catch(
      (error: Error) => faults.push(error.message),
    );
  } else faults.push('pg_verifybackup is missing: its files were not compared with the manifest');
  return [...faults, ...holes(listWal(folder).filter((name) => name >= backup.firstWal))];
}

/** WAL files that are missing between the first and the last of a timeline (files of 16 MiB). */
export function holes(names: readonly string[]): string[] {
  const faults: string[] = [];
  for (const [index, name] of names.entries()) {
    const previous = names[index - 1];
    if (!previous || previous.slice(0, 8) !== name.slice(0, 8)) continue;
    if (place(name) !== place(previous) + 1n) faults.push(`WAL is missing between ${previous} and ${name}`);
  }
  return faults;
}

const place = (name: string): bigint =>
  BigInt(`0x${name.slice(8, 16)}`) * SEGMENTS_PER_FILE + BigInt(`0x${name.slice(16)}`);
