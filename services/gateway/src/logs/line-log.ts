import { closeSync, mkdirSync, openSync, write, writeSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const writeAsync = promisify(write);

const FLUSH_MS = 200;
const FLUSH_LINES = 500;
/** Kept while the disk does not take them; beyond that the newest are dropped, and counted. */
const MAX_LINES = 100_000;
const STANDARD_OUTPUT = 1;

/** A log of one JSON object per line. Lines are gathered for a moment, so that one costs no system call of its own. */
export class LineLog implements AsyncDisposable {
  readonly #name: string;
  readonly #file: string | null;
  readonly #flusher: NodeJS.Timeout;
  #fd: number;
  #lines: string[] = [];
  #writing: Promise<void> | null = null;
  #dropped = 0;

  /** Without a folder the lines go to standard output and say which log they are of. */
  constructor(name: string, folder: string | undefined) {
    this.#name = name;
    this.#file = folder === undefined ? null : path.join(folder, `${name}.log`);
    if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o750 });
    this.#fd = this.#open();
    this.#flusher = setInterval(() => void this.#flush(), FLUSH_MS).unref();
  }

  #open(): number {
    return this.#file === null ? STANDARD_OUTPUT : openSync(this.#file, 'a', 0o640);
  }

  write(atMs: number, fields: Record<string, unknown>): void {
    if (this.#lines.length >= MAX_LINES) {
      this.#dropped++;
      return;
    }
    const line = { time: new Date(atMs).toISOString(), log: this.#name, ...fields };
    if (this.#lines.push(JSON.stringify(line)) >= FLUSH_LINES) void this.#flush();
  }

  /** One write at a time, so that lines stay in order. A failed one is tried again with the next. */
  #flush(): Promise<void> {
    if (this.#writing) return this.#writing;
    if (this.#lines.length === 0) return Promise.resolve();
    const lines = this.#take();
    this.#writing = this.#append(`${lines.join('\n')}\n`)
      .catch(() => {
        this.#lines = [...lines, ...this.#lines];
      })
      .finally(() => {
        this.#writing = null;
      });
    return this.#writing;
  }

  #take(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    if (this.#dropped > 0) {
      lines.push(JSON.stringify({ time: new Date().toISOString(), log: this.#name, dropped: this.#dropped }));
      this.#dropped = 0;
    }
    return lines;
  }

  async #append(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) {
      done += (await writeAsync(this.#fd, bytes, done)).bytesWritten;
    }
  }

  /** Goes on in a new file, after the old one was rotated away. */
  async reopen(): Promise<void> {
    if (this.#file === null) return;
    await this.#writing;
    const before = this.#fd;
    this.#fd = this.#open();
    closeSync(before);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#flusher);
    await this.#writing;
    if (this.#lines.length > 0) writeSync(this.#fd, `${this.#take().join('\n')}\n`);
    if (this.#file !== null) closeSync(this.#fd);
  }
}

/** Enough of a phone number to find a case by, not enough to call. */
export const maskPhone = (phone: string): string => `${phone.slice(0, 6)}***${phone.slice(-2)}`;
