import type { OpenApiDocument, Operation, Parameter } from '@b2b-charge/http/openapi/document';
import type { JsonSchema } from '@b2b-charge/http/openapi/json-schema';

const HEAD = `// Generated from the OpenAPI documents of the gateway and the back office; \`npx vitest run scripts/http-client -u\` writes it anew.
// biome-ignore-all format: generated
`;

/** The source of the typed client's operations. */
export function generateClient({ paths, components }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const schemas = Object.entries(components.schemas)
    .filter(([name]) => name !== 'Failure')
    .map(([name, schema]) => `export type ${name} = ${typeOf(schema)};`);
  const types = operations.map(
    ({ operation }) =>
      `  ${operation.operationId}: { input: ${inputOf(operation)}; answer: ${answerOf(operation)} };`,
  );
  const table = operations.map(
    ({ path, method, operation }) => `  ${operation.operationId}: { method: '${method}', path: '${path}' },`,
  );
  return [
    HEAD,
    schemas.join('\n'),
    `\nexport interface Operations {\n${types.join('\n')}\n}\n`,
    `export const OPERATIONS = {\n${table.join('\n')}\n} as const satisfies Record<keyof Operations, { method: string; path: string }>;\n`,
  ].join('\n');
}

function inputOf({ parameters, requestBody }: Operation): string {
  const group = (place: Parameter['in']) => parameters.filter((parameter) => parameter.in === place);
  const parts = [
    fields('params', group('path')),
    fields('query', group('query')),
    requestBody ? `body: ${typeOf(requestBody.content['application/json'].schema)}` : '',
  ];
  return `{ ${parts.filter((part) => part !== '').join('; ')} }`.replace('{  }', 'object');
}

/** Parameters travel as text, so numbers are as good. */
function fields(name: string, parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return '';
  const members = parameters.map((parameter) => {
    const type = 'enum' in parameter.schema ? typeOf(parameter.schema) : 'string | number';
    return `${JSON.stringify(parameter.name)}${parameter.required ? '' : '?'}: ${type}${parameter.required ? '' : ' | undefined'}`;
  });
  return `${name}${parameters.some(({ required }) => required) ? '' : '?'}: { ${members.join('; ')} }`;
}

function answerOf({ responses }: Operation): string {
  const members = Object.entries(responses).flatMap(([status, { content }]) => {
    if (!/^2/.test(status)) return [];
    const schema = content['application/json']?.schema as { properties?: { data: JsonSchema } } | undefined;
    return [
      `{ status: ${status}; data: ${schema?.properties ? typeOf(schema.properties.data) : 'unknown'} }`,
    ];
  });
  return members.join(' | ');
}

/** The TypeScript type of a JSON Schema, as far as our documents use it. */
function typeOf(schema: JsonSchema): string {
  if (typeof schema.$ref === 'string') return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
  if ('const' in schema) return JSON.stringify(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const union = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (union) return union.map(typeOf).join(' | ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(' | ');
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array':
      return `(${typeOf(schema.items as JsonSchema)})[]`;
    case 'object':
      return objectType(schema);
    default:
      return 'unknown';
  }
}

function objectType(schema: JsonSchema): string {
  const required = new Set((schema.required as string[] | undefined) ?? []);
  const members = Object.entries((schema.properties as Record<string, JsonSchema> | undefined) ?? {}).map(
    ([name, member]) => `${JSON.stringify(name)}${required.has(name) ? '' : '?'}: ${typeOf(member)}`,
  );
  if (members.length > 0) return `{ ${members.join('; ')} }`;
  const others = schema.additionalProperties;
  return `Record<string, ${typeof others === 'object' && others ? typeOf(others as JsonSchema) : 'unknown'}>`;
}
