import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { SETTINGS } from './settings-schemas.ts';

/** Writes docs/settings.md from the schemas that parse the settings; with --check only says whether it is current. */
const FILE = path.join(path.dirname(import.meta.dirname), 'docs/settings.md');

interface Property {
  readonly description?: string;
  readonly default?: unknown;
}

function tableOf(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const required = new Set(json.required);
  const rows = Object.entries((json.properties ?? {}) as Record<string, Property>).map(([name, property]) => {
    const value = property.default;
    const preset =
      value === undefined ? (required.has(name) ? '**required**' : '–') : `\`${JSON.stringify(value)}\``;
    return `| \`${name}\` | ${preset} | ${(property.description ?? '').replaceAll('|', '\\|')} |`;
  });
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

const page = [
  '# Settings',
  '',
  'Environment variables of each service and of `npx b2b migrate`, made from the schemas that parse them (`node scripts/settings-doc.ts`).',
  'Each may stand in a file instead, as container platforms mount secrets: `DATABASE_URL_FILE=/run/secrets/database-url`.',
  '',
  ...Object.entries(SETTINGS).flatMap(([service, schema]) => [`## ${service}`, '', tableOf(schema), '']),
].join('\n');

if (!process.argv.includes('--check')) writeFileSync(FILE, page);
else if (readFileSync(FILE, 'utf8') !== page) {
  console.error('docs/settings.md is not what the schemas say: node scripts/settings-doc.ts');
  process.exitCode = 1;
}
