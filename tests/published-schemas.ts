import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';

const DOCS = path.join(import.meta.dirname, '../docs');

export const readDocument = (name: string) => JSON.parse(readFileSync(path.join(DOCS, name), 'utf8'));

/** Validators of the published JSON Schemas, by name ("charge.v1"), as any other system would make them. */
export function publishedSchemas(): Readonly<Record<string, ValidateFunction>> {
  // Formats are said in words and by patterns; strictness is not for other people's tools to have.
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  return Object.fromEntries(
    readdirSync(path.join(DOCS, 'schemas')).map((file) => [
      path.basename(file, '.json'),
      ajv.compile(readDocument(`schemas/${file}`)),
    ]),
  );
}
