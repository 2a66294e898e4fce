import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below Linux' ephemeral range (32768 and up): a client that keeps reconnecting to a dead server on an ephemeral port
 * is, now and then, given that very port as its own, connects to itself, and the server cannot come back.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 31_999;
const MAX_TRIES = 100;

export class NoFreePortError extends Error {
  override name = 'NoFreePortError';
}

export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const port = randomInt(FIRST_PORT, LAST_PORT + 1);
    if (await isFree(port)) return port;
  }
  throw new NoFreePortError(`no free port between ${FIRST_PORT} and ${LAST_PORT}`);
}

/** The preferred port if it is free; else any free one, which is said through `progress`. */
export async function portFor(
  name: string,
  preferred: number | undefined,
  progress: (line: string) => void,
): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  const port = await freePort();
  if (preferred !== undefined) progress(`${name}: port ${preferred} is taken, using ${port}`);
  return port;
}

/** Whether one can listen on it, on 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
