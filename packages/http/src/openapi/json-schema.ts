import { z } from 'zod';

export type JsonSchema = { readonly [name: string]: unknown };

/**
 * JSON Schemas of zod schemas, as OpenAPI 3.1 has them: those with an id become components. Requests are described as
 * they come in, answers as they go out.
 */
export class SchemaCollector {
  readonly components = new Map<string, JsonSchema>();

  of(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    // Wrapped, so that a schema with an id of its own becomes a component too.
    const { properties, $defs = {} } = z.toJSONSchema(z.object({ schema }), {
      io,
      unrepresentable: 'any',
      // zod leaves the examples of what it transforms out; ours are of what comes in.
      override: ({ zodSchema, jsonSchema }) => {
        const examples = z.globalRegistry.get(zodSchema)?.examples;
        if (io === 'input' && examples) Object.assign(jsonSchema, { examples });
      },
    }) as unknown as { properties: { schema: JsonSchema }; $defs?: Record<string, JsonSchema> };
    for (const [name, definition] of Object.entries($defs)) {
      const described = relocate(definition) as JsonSchema;
      const before = this.components.get(name);
      if (before && JSON.stringify(before) !== JSON.stringify(described)) {
        throw new TypeError(`two schemas have the id ${name}`);
      }
      this.components.set(name, described);
    }
    return relocate(properties.schema) as JsonSchema;
  }
}

/** References to components; ids are their names and say nothing more. */
function relocate(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(relocate);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, item]) => !(name === 'id' && typeof item === 'string'))
      .map(([name, item]) => [
        name,
        name === '$ref' && typeof item === 'string'
          ? item.replace('#/$defs/', '#/components/schemas/')
          : relocate(item),
      ]),
  );
}
