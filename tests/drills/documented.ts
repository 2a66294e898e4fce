import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './market.ts';

const PAGE = readFileSync(path.join(ROOT, 'docs/disaster-recovery.md'), 'utf8');
const LONGEST_MS = 60_000;

export interface Said {
  readonly code: number;
  /** Everything that it printed. */
  readonly text: string;
}

/**
 * A line of docs/disaster-recovery.md, as it stands there but for its places and times. Throws if it is not there any more,
 * or does not hold what is to be replaced.
 */
export function documented(begin: string, places: Readonly<Record<string, string>> = {}): string {
  const at = PAGE.indexOf(begin);
  if (at < 0) throw new Error(`docs/disaster-recovery.md does not say ${begin}`);
  let line = PAGE.slice(at, PAGE.slice(at).search(/[`\n]| {2,}#/) + at).trim();
  for (const [place, here] of Object.entries(places)) {
    if (!line.includes(place)) throw new Error(`docs/disaster-recovery.md: ${line} does not name ${place}`);
    line = line.replace(place, here);
  }
  return line;
}

/** Runs a line in a shell, as an operator does. */
export function shell(line: string, environment: NodeJS.ProcessEnv): Promise<Said> {
  const env = { ...environment, PATH: process.env.PATH };
  return new Promise((resolve) => {
    execFile('sh', ['-c', line], { cwd: ROOT, env, timeout: LONGEST_MS }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, text: `${stdout}${stderr}` });
    });
  });
}
