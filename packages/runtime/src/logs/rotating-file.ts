import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import type { LineTarget } from './line-sink.ts';

export interface RotationOptions {
  /** A file that has grown beyond this is put aside. */
  readonly maxBytes: number;
  /** Files put aside, `.1` the youngest; older ones go. */
  readonly keep: number;
}

/** How often a file is looked at from outside: is it still the one that we write to? */
const LOOK_EVERY_MS = 500;
const STALE_LOCK_MS = 10_000;

/**
 * A log file that is put aside when it has grown large. Several processes may write to one, and somebody else may rotate
 * it: whoever finds another file, or none, under the name goes on in that.
 */
export class RotatingFile implements LineTarget, Disposable {
  readonly #file: string;
  readonly #options: RotationOptions;
  #fd: number | null = null;
  #lookAtMs = 0;

  constructor(file: string, options: RotationOptions) {
    this.#file = file;
    this.#options = options;
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o750 });
    this.#open();
  }

  #open(): number {
    this[Symbol.dispose]();
    this.#fd = openSync(this.#file, 'a', 0o640);
    return this.#fd;
  }

  fd(): number {
    const now = Date.now();
    if (this.#fd === null) return this.#open();
    if (now < this.#lookAtMs) return this.#fd;
    this.#lookAtMs = now + LOOK_EVERY_MS;
    return this.#isCurrent(this.#fd) ? this.#fd : this.#open();
  }

  wrote(): void {
    if (this.#fd === null || fstatSync(this.#fd).size < this.#options.maxBytes) return;
    if (this.#isCurrent(this.#fd)) this.#rotate(this.#fd);
    this.#open();
  }

  #isCurrent(fd: number): boolean {
    const [named, ours] = [statSync(this.#file, { throwIfNoEntry: false }), fstatSync(fd)];
    return named?.ino === ours.ino && named.dev === ours.dev;
  }

  /** Of several processes that want to, one does. */
  #rotate(fd: number): void {
    const lock = `${this.#file}.rotating`;
    try {
      mkdirSync(lock);
    } catch {
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > STALE_LOCK_MS) rmdirSync(lock);
      return;
    }
    try {
      if (!this.#isCurrent(fd)) return;
      for (let number = this.#options.keep - 1; number >= 1; number--) {
        if (existsSync(`${this.#file}.${number}`))
          renameSync(`${this.#file}.${number}`, `${this.#file}.${number + 1}`);
      }
      renameSync(this.#file, `${this.#file}.1`);
    } finally {
      rmdirSync(lock);
    }
  }

  [Symbol.dispose](): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}
