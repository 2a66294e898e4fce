import { type ChildProcess, spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import path from 'node:path';

interface Staged {
  /** Lower ones end first: services before the servers that they use. */
  readonly stage: number;
}

export interface WatchedProcess extends Staged {
  readonly pid: number;
  /** The signal that ends it in an orderly way. */
  readonly signal: NodeJS.Signals;
}

export interface WatchedContainer extends Staged {
  /** Its name. */
  readonly container: string;
}

/** A process or a container that the guardian ends after its owner has ended. */
export type Watched = WatchedProcess | WatchedContainer;

export type GuardianMessage =
  | { readonly watch: Watched }
  | { readonly release: number | string }
  | { readonly remove: string }
  | { readonly removeVolume: string };

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
  /** The process, or the container of that name, has ended: its number may be another's soon. */
  release(id: number | string): void;
  /** Deletes the folder at the end, orderly or not. */
  removeAtEnd(folder: string): void;
  /** Whether the file or folder, or one that it is in, is deleted at the end. */
  removesAtEnd(file: string): boolean;
  /** Deletes the volume of a container at the end, orderly or not. */
  removeVolumeAtEnd(volume: string): void;
  /** Lets go: the guardian ends what is left, removes folders, and exits. */
  close(): Promise<void>;
}

export const idOf = (watched: Watched): number | string =>
  'pid' in watched ? watched.pid : watched.container;

export function startGuardian(): Guardian {
  const watched = new Map<number | string, Watched>();
  const folders: string[] = [];
  const volumes = new Set<string>();
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
    for (const removeVolume of volumes) tell({ removeVolume });
  };
  start();

  return {
    get pid() {
      return child.exitCode === null && child.signalCode === null ? (child.pid ?? null) : null;
    },
    get closed() {
      return closing;
    },
    watch(watch) {
      watched.set(idOf(watch), watch);
      tell({ watch });
    },
    release(id) {
      if (watched.delete(id)) tell({ release: id });
    },
    removeAtEnd(given) {
      const folder = realpathSync(given);
      folders.push(folder);
      tell({ remove: folder });
    },
    removesAtEnd: (file) => folders.some((folder) => `${file}${path.sep}`.startsWith(`${folder}${path.sep}`)),
    removeVolumeAtEnd(removeVolume) {
      volumes.add(removeVolume);
      tell({ removeVolume });
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
