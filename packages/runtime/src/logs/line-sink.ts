import { write, writeSync } from 'node:fs';
import { promisify } from 'node:util';

const writeAsync = promisify(write);

const FLUSH_MS = 100;
/** Kept while they cannot be written; beyond that the newest are dropped, and counted. */
const MAX_CHARACTERS = 16 * 1024 ** 2;
/** After a failed write, as on a full disk. */
const RETRY_MS = 500;

let droppedInAll = 0;
/** Log lines of this process that were dropped because they could not be written. */
export const droppedLines = (): number => droppedInAll;

/** Where lines end up. */
export interface LineTarget {
  /** The descriptor to write to now. May throw. */
  fd(): number;
  /** Told of what was written. May throw. */
  wrote(bytes: number): void;
}

/**
 * Gathers lines for a moment and writes them beside the event loop, in order, one write at a time. What cannot be written
 * is kept up to a bound and tried again; a line that was begun is always finished.
 */
export class LineSink implements AsyncDisposable {
  readonly #target: LineTarget;
  readonly #onExit = () => this.flushSync();
  #lines: string[] = [];
  #characters = 0;
  /** What is being written, and how much of it is. */
  #pending: Buffer | null = null;
  #done = 0;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> | null = null;
  #dropped = 0;

  constructor(target: LineTarget) {
    this.#target = target;
    process.on('exit', this.#onExit);
  }

  /** One line, without its end. */
  write(line: string): void {
    if (this.#characters + line.length > MAX_CHARACTERS) {
      this.#dropped++;
      droppedInAll++;
      return;
    }
    this.#lines.push(line);
    this.#characters += line.length;
    this.#schedule(FLUSH_MS);
  }

  #schedule(delayMs: number): void {
    if (this.#timer || this.#writing) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.flush();
    }, delayMs).unref();
  }

  /** Resolves when what was there is written, or has failed once more. */
  flush(): Promise<void> {
    this.#writing ??= this.#writeAll().then((wrote) => {
      this.#writing = null;
      if (!wrote || this.#lines.length > 0) this.#schedule(wrote ? FLUSH_MS : RETRY_MS);
    });
    return this.#writing;
  }

  async #writeAll(): Promise<boolean> {
    try {
      for (this.#take(); this.#pending; this.#take()) {
        const { bytesWritten } = await writeAsync(this.#target.fd(), this.#pending, this.#done);
        this.#advance(bytesWritten);
      }
      return true;
    } catch {
      return false;
    }
  }

  /** For the end of the process: what was being written may stand there twice, what cannot be written at once is lost. */
  flushSync(): void {
    try {
      for (this.#take(); this.#pending; this.#take()) {
        this.#advance(writeSync(this.#target.fd(), this.#pending, this.#done));
      }
    } catch {
      // nobody is left to tell
    }
  }

  #take(): void {
    if (this.#pending || (this.#lines.length === 0 && this.#dropped === 0)) return;
    if (this.#dropped > 0) {
      this.#lines.push(JSON.stringify({ time: new Date().toISOString(), dropped_lines: this.#dropped }));
      this.#dropped = 0;
    }
    this.#pending = Buffer.from(`${this.#lines.join('\n')}\n`);
    this.#done = 0;
    this.#lines = [];
  }

  #advance(bytes: number): void {
    this.#done += bytes;
    if (this.#done < this.#pending!.length) return;
    this.#characters = this.#lines.reduce((sum, line) => sum + line.length, 0);
    this.#pending = null;
    this.#target.wrote(this.#done);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off('exit', this.#onExit);
    if (this.#timer) clearTimeout(this.#timer);
    await this.#writing;
    await this.flush();
    if (this.#timer) clearTimeout(this.#timer);
  }
}
