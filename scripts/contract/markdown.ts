import type { JsonSchema } from './schemas.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

export const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');

/** A row per field of an object's schema. */
export function fieldTable({ properties = {}, required = [] }: JsonSchema): string {
  const rows = Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) => [
    `\`${name}\``,
    typeOf(schema),
    (required as string[]).includes(name) ? '**yes**' : '–',
    String(schema.description ?? descriptionWithin(schema)),
  ]);
  return table(['field', 'type', 'required', 'meaning'], rows);
}

/** Of a field that may be null. */
const descriptionWithin = ({ anyOf = [] }: JsonSchema): string =>
  (anyOf as JsonSchema[])
    .map(({ description }) => description)
    .find(Boolean)
    ?.toString() ?? '';

function typeOf(schema: JsonSchema): string {
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (Array.isArray(schema.anyOf)) return (schema.anyOf as JsonSchema[]).map(typeOf).join(' or ');
  const type = [schema.type].flat().join(' or ');
  const bounds =
    schema.maxLength === undefined ? '' : `, ${schema.minLength ?? 0} to ${schema.maxLength} characters`;
  return `${type}${bounds}`;
}
