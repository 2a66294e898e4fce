import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startGuardian } from '../guardian/guardian.ts';
import type { ServerOptions } from '../servers/server.ts';
import { serverSources } from '../servers/sources.ts';

/** For tests that start servers of their own: options with a folder that is deleted at the end. */
export function temporaryServerOptions(
  settings: NodeJS.ProcessEnv = {},
): ServerOptions & AsyncDisposable & { readonly lines: string[] } {
  const guardian = startGuardian();
  const dataDir = mkdtempSync(path.join(tmpdir(), 'b2b-charge-server-'));
  // PostgreSQL may run as another user than ours, and passes through here.
  chmodSync(dataDir, 0o711);
  guardian.removeAtEnd(dataDir);
  const lines: string[] = [];
  const { DATABASE_URL, NATS_URL, REDIS_URL, ...environment } = process.env;
  return {
    dataDir,
    guardian,
    lines,
    sources: serverSources({ ...environment, ...settings }),
    progress: (line) => lines.push(line),
    // The guardian ends what still runs.
    [Symbol.asyncDispose]: () => guardian.close(),
  };
}
