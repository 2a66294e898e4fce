import type { Guardian } from '../guardian/guardian.ts';

export interface StartOptions {
  readonly logFile: string;
  readonly guardian: Guardian;
  readonly stage: number;
}

/** A process or a container that was started. */
export interface Running {
  /** Null if this machine does not see the process. */
  readonly pid: number | null;
  /** Id of the container; none for a process. */
  readonly container?: string;
  /** Resolves with the reason ("signal SIGKILL", "exit code 1") when it has ended. */
  readonly exited: Promise<string>;
  hasExited(): boolean;
  /** Resolves when the signal is sent; does nothing to what has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** The end of what it has logged since it was started. */
  tail(): string;
}

export class SpawnError extends Error {
  override name = 'SpawnError';
}

/** Asks it to end, and ends it by force after `graceMs`. */
export async function stopRunning(
  running: Running,
  { signal, graceMs }: { signal: NodeJS.Signals; graceMs: number },
): Promise<void> {
  if (running.hasExited()) return;
  const force = setTimeout(() => void running.kill('SIGKILL').catch(() => {}), graceMs);
  try {
    await running.kill(signal);
    await running.exited;
  } finally {
    clearTimeout(force);
  }
}
