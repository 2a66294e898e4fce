import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import type { Fleet } from '@b2b-charge/stack';
import type { Tools } from '../../scripts/backup/tools.ts';

/** The tools that lie beside the server that runs, and what they need in their environment. */
export function toolsOf({ postgres }: Pick<Fleet, 'postgres'>): Tools & { readonly dataDir: string } {
  const proc = `/proc/${postgres.pid}`;
  const environment = Object.fromEntries(
    readFileSync(`${proc}/environ`, 'utf8')
      .split('\0')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const binDir = path.dirname(readlinkSync(`${proc}/exe`));
  return { binDir, environment, dataDir: readlinkSync(`${proc}/cwd`) };
}

/** The PostgreSQL of the npm package comes without pg_basebackup: where none is installed, Debian's is fetched. */
export const postgresWithTools = (): string | undefined => {
  const installed = (() => {
    try {
      return readdirSync('/usr/lib/postgresql');
    } catch {
      return [];
    }
  })();
  const has = installed.some((version) => {
    try {
      return readdirSync(`/usr/lib/postgresql/${version}/bin`).includes('pg_basebackup');
    } catch {
      return false;
    }
  });
  return has ? undefined : 'debian';
};
