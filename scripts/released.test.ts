import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { editedMigrations, released } from './released.ts';

const ROOT = path.dirname(import.meta.dirname);
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

it('holds every migration of the newest release', () => {
  expect(Object.keys(released().migrations).length).toBeGreaterThan(5);
  expect(editedMigrations(released(), read)).toEqual([]);
});

it('finds one that was changed by a blank, and one that is gone', () => {
  const release = { commit: 'any', migrations: { 'a.ts': hash('sha256', 'a'), 'b.ts': hash('sha256', 'b') } };
  expect(editedMigrations(release, (file) => file.slice(0, 1))).toEqual([]);
  expect(editedMigrations(release, (file) => (file === 'a.ts' ? 'a ' : 'b'))).toEqual([
    'a.ts: was released, and is changed: add another one',
  ]);
  const missing = (file: string) => {
    if (file === 'b.ts') throw new Error('ENOENT');
    return 'a';
  };
  expect(editedMigrations(release, missing)).toEqual(['b.ts: was released, and is gone']);
});
