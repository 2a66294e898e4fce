import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SERVICES } from '@b2b-charge/contracts';
import { expect, it } from 'vitest';
import { editedMigrations, hashMigrations, type Released, released } from './released.ts';

const ROOT = path.dirname(import.meta.dirname);
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
const files = SERVICES.flatMap((service) => {
  const folder = `services/${service}/src/db/migrations`;
  return readdirSync(path.join(ROOT, folder)).map((name) => `${folder}/${name}`);
});
/** The release that `--record` would make of these files. */
const planted: Released = { commit: 'any', migrations: hashMigrations(files, read) };

it('finds no edit of the newest release', () => {
  expect(editedMigrations(released(), read)).toEqual([]);
});

it('covers every migration of every service, and nothing else', () => {
  expect(Object.keys(planted.migrations)).toEqual(files.filter((file) => !file.endsWith('/index.ts')));
  for (const service of SERVICES)
    expect(Object.keys(planted.migrations)).toContainEqual(expect.stringContaining(`services/${service}/`));
  expect(editedMigrations(planted, read)).toEqual([]);
});

it.each(Object.keys(planted.migrations))('finds a blank that was added to %s, and its removal', (file) => {
  expect(editedMigrations(planted, (other) => (other === file ? `${read(other)} ` : read(other)))).toEqual([
    `${file}: was released and is edited: add another migration`,
  ]);
  const missing = (other: string) => {
    if (other === file) throw new Error('ENOENT');
    return read(other);
  };
  expect(editedMigrations(planted, missing)).toEqual([`${file}: was released and is missing`]);
});
