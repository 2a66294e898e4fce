import path from 'node:path';
import { LineSink } from './line-sink.ts';
import { RotatingFile, type RotationOptions } from './rotating-file.ts';
import { standardOutput } from './standard-output.ts';

export interface LogFolder extends RotationOptions {
  /** Undefined: standard output. */
  readonly folder: string | undefined;
}

/** The settings' part for logs, as the logs take it. */
export const logFolder = (settings: {
  LOG_DIR?: string | undefined;
  LOG_FILE_BYTES: number;
  LOG_FILES: number;
}): LogFolder => ({ folder: settings.LOG_DIR, maxBytes: settings.LOG_FILE_BYTES, keep: settings.LOG_FILES });

/** A log of one JSON object per line, in a file of its own or, where there is no folder, on standard output. */
export class LineLog implements AsyncDisposable {
  readonly #name: string;
  readonly #file: RotatingFile | null;
  readonly #sink: LineSink;

  constructor(name: string, { folder, ...rotation }: LogFolder) {
    this.#name = name;
    this.#file = folder === undefined ? null : new RotatingFile(path.join(folder, `${name}.log`), rotation);
    this.#sink = this.#file === null ? standardOutput() : new LineSink(this.#file);
  }

  write(atMs: number, fields: Record<string, unknown>): void {
    this.#sink.write(JSON.stringify({ time: new Date(atMs).toISOString(), log: this.#name, ...fields }));
  }

  /** A line that is JSON already. */
  writeLine(line: string): void {
    this.#sink.write(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#file === null) return this.#sink.flush();
    await this.#sink[Symbol.asyncDispose]();
    this.#file[Symbol.dispose]();
  }
}
