import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** undefined if there is none, or none that can be read as JSON. */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/** For its owner alone, and in one step: a reader finds the old text or the new one. */
export function writeJson(file: string, value: unknown): void {
  const made = `${file}.${process.pid}.tmp`;
  writeFileSync(made, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  chmodSync(made, 0o600);
  renameSync(made, file);
}
