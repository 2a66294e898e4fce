import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { childrenOf } from '../chaos/faults/family.ts';

export interface Usage {
  /** Proportional share of resident memory, so that what PostgreSQL's processes share counts once; bytes. */
  readonly memory: number;
  /** CPU used since the start, seconds. */
  readonly cpu: number;
  readonly files: number;
  readonly sockets: number;
}

/** Ticks of CPU time a second, wherever Linux runs. */
const TICKS = 100;

/** What a process and those that it started hold at this moment, by /proc. Null if it is gone. */
export function usageOf(pid: number): Usage | null {
  const parts = [pid, ...childrenOf(pid)].map(usageOfOne).filter((usage) => usage !== null);
  if (parts.length === 0) return null;
  const sum = (of: (usage: Usage) => number) => parts.reduce((total, usage) => total + of(usage), 0);
  return {
    memory: sum(({ memory }) => memory),
    cpu: sum(({ cpu }) => cpu),
    files: sum(({ files }) => files),
    sockets: sum(({ sockets }) => sockets),
  };
}

function usageOfOne(pid: number): Usage | null {
  try {
    const folder = `/proc/${pid}`;
    const links = readdirSync(`${folder}/fd`).map((fd) => linkOf(`${folder}/fd/${fd}`));
    const stat = readFileSync(`${folder}/stat`, 'utf8');
    // The name before the state may itself hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const share = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`${folder}/smaps_rollup`, 'utf8'));
    if (!share) return null;
    return {
      memory: Number(share[1]) * 1024,
      cpu: (Number(fields[11]) + Number(fields[12])) / TICKS,
      files: links.length,
      sockets: links.filter((link) => link.startsWith('socket:')).length,
    };
  } catch {
    // It went in the meantime.
    return null;
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return '';
  }
}
