import { readFileSync, statSync } from 'node:fs';

const MAX_BYTES = 64 * 1024;
const SUFFIX = '_FILE';

interface FileSettings {
  readonly values: Record<string, string>;
  /** What cannot be read, a line each. */
  readonly problems: readonly string[];
}

/**
 * Settings that stand in files, as container platforms mount secrets: for every setting `NAME`, `NAME_FILE` may name
 * the file that holds it, one trailing line end aside. A setting whose own name ends in `_FILE` is left alone.
 */
export function readFileSettings(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): FileSettings {
  const values: Record<string, string> = {};
  const problems: string[] = [];
  for (const name of names) {
    const variable = `${name}${SUFFIX}`;
    const file = env[variable];
    if (!file || names.includes(variable)) continue;
    if (env[name]) {
      problems.push(`${variable}: ${name} is given, too; one of them must go`);
      continue;
    }
    try {
      if (statSync(file).size > MAX_BYTES) throw new Error(`longer than ${MAX_BYTES / 1024} KiB`);
      const text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
      if (text === '') throw new Error('empty');
      values[name] = text;
    } catch (error) {
      problems.push(`${variable}: ${(error as Error).message}`);
    }
  }
  return { values, problems };
}
