import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

/** What a guardian does, once its owner is gone, to one process that the owner started. */
export interface Watched {
  readonly pid: number;
  /** The signal that ends it in an orderly way. */
  readonly signal: NodeJS.Signals;
  /** Lower ones end first: services before the servers that they use. */
  readonly stage: number;
  /** A container outlives its `docker run`; this one is removed by name. */
  readonly container?: string;
}

export type GuardianMessage =
  | { readonly watch: Watched }
  | { readonly release: number }
  | { readonly remove: string };

/**
 * Ends what its owner started when the owner is gone, however it went: a small process of its own session, which
 * notices by a pipe that closes. Nothing that the owner itself could do survives a SIGKILL.
 */
export interface Guardian {
  /** null while it is being replaced. */
  readonly pid: number | null;
  /** Nothing may be started any more: nobody would end it. */
  readonly closed: boolean;
  watch(watched: Watched): void;
  /** The process has ended: its number may be another's soon. */
  release(pid: number): void;
  /** Deletes the folder at the end, orderly or not. */
  removeAtEnd(folder: string): void;
  /** Lets go: the guardian ends what is left, removes folders, and exits. */
  close(): Promise<void>;
}

export function startGuardian(): Guardian {
  const watched = new Map<number, Watched>();
  const folders: string[] = [];
  let closing = false;
  let child: ChildProcess;

  const tell = (message: GuardianMessage) => child.stdin?.write(`${JSON.stringify(message)}\n`);

  const start = () => {
    child = spawn(process.execPath, [path.join(import.meta.dirname, 'guardian-process.ts')], {
      detached: true,
      cwd: '/',
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    // The owner may end without a word to the guardian; that is the point.
    child.unref();
    (child.stdin as unknown as { unref(): void }).unref();
    child.stdin?.on('error', () => {});
    child.on('error', () => {});
    child.once('exit', () => {
      if (!closing) start();
    });
    for (const process of watched.values()) tell({ watch: process });
    for (const folder of folders) tell({ remove: folder });
  };
  start();

  return {
    get pid() {
      return child.exitCode === null && child.signalCode === null ? (child.pid ?? null) : null;
    },
    get closed() {
      return closing;
    },
    watch(process) {
      watched.set(process.pid, process);
      tell({ watch: process });
    },
    release(pid) {
      if (watched.delete(pid)) tell({ release: pid });
    },
    removeAtEnd(folder) {
      folders.push(folder);
      tell({ remove: folder });
    },
    close() {
      closing = true;
      return new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.ref();
        child.once('exit', () => resolve());
        child.stdin?.end();
      });
    },
  };
}
