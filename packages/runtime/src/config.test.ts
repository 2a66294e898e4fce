import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError, parseSettings } from './config.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'b2b-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const settings = z.object({
  DATABASE_URL: z.string().startsWith('postgresql://'),
  PORT: z.coerce.number().int().default(1),
  SIGNING_KEY_FILE: z.string().optional(),
});

function file(name: string, text: string): string {
  const written = path.join(folder, name);
  writeFileSync(written, text);
  return written;
}

test('a setting may stand in a file, with or without a line end', () => {
  const parsed = parseSettings(settings, {
    DATABASE_URL_FILE: file('url', 'postgresql://db\n'),
    PORT_FILE: file('port', '80'),
  });
  expect(parsed).toEqual({ DATABASE_URL: 'postgresql://db', PORT: 80 });
});

test('a setting that is a path by its own name stays one', () => {
  const given = { DATABASE_URL: 'postgresql://db', SIGNING_KEY_FILE: '/keys/that-do-not-exist-yet.pem' };
  expect(parseSettings(settings, given).SIGNING_KEY_FILE).toBe('/keys/that-do-not-exist-yet.pem');
});

test('both the value and the file is an error, not a choice', () => {
  const given = { DATABASE_URL: 'postgresql://db', DATABASE_URL_FILE: file('other', 'postgresql://other') };
  expect(() => parseSettings(settings, given)).toThrow('DATABASE_URL_FILE: DATABASE_URL is given, too');
});

test.each([
  ['is not there', path.join(folder, 'nothing'), 'ENOENT'],
  ['is a folder', folder, 'EISDIR'],
  ['is empty', file('empty', '\n'), 'empty'],
  ['is too long', file('long', 'x'.repeat(65 * 1024)), 'longer than 64 KiB'],
])('a file that %s is named beside every other bad setting, without what it holds', (_, name, reason) => {
  const parse = () => parseSettings(settings, { DATABASE_URL_FILE: name, PORT: 'x' });
  expect(parse).toThrow(ConfigError);
  expect(parse).toThrow(`DATABASE_URL_FILE: ${reason}`);
  expect(parse).toThrow('PORT: ');
  expect(parse).not.toThrow('DATABASE_URL: is missing');
});

test('what a file holds is checked like any value, and not shown', () => {
  const parse = () => parseSettings(settings, { DATABASE_URL_FILE: file('bad', 'mysql://u:hidden@db') });
  expect(parse).toThrow('DATABASE_URL: ');
  expect(parse).not.toThrow('hidden');
});
