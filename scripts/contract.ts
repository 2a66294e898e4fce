import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { contractFiles, SCHEMA_FOLDER } from './contract/files.ts';

/** `npm run contract`: writes the published contract under docs/; with --check only says whether it is current. */
const DOCS = path.join(path.dirname(import.meta.dirname), 'docs');
const files = contractFiles();

/** Those of messages that are no more are left over. */
const strays = readdirSync(path.join(DOCS, SCHEMA_FOLDER), { withFileTypes: true })
  .map((entry) => `${SCHEMA_FOLDER}/${entry.name}`)
  .filter((name) => !files.has(name));

if (process.argv.includes('--check')) {
  const stale = [...files].filter(([name, text]) => current(name) !== text).map(([name]) => name);
  for (const name of [...stale, ...strays])
    console.error(`docs/${name} is not what the contracts say: npm run contract`);
  if (stale.length + strays.length > 0) process.exitCode = 1;
} else {
  for (const [name, text] of files) {
    mkdirSync(path.dirname(path.join(DOCS, name)), { recursive: true });
    writeFileSync(path.join(DOCS, name), text);
  }
  for (const name of strays) rmSync(path.join(DOCS, name));
}

function current(name: string): string | null {
  try {
    return readFileSync(path.join(DOCS, name), 'utf8');
  } catch {
    return null;
  }
}
