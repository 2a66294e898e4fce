import { ERROR_CODES, type ErrorCode, statusOf } from '../errors.ts';
import { en } from '../messages/en.ts';
import { documentedPath } from '../paths.ts';
import type { Route } from '../route.ts';
import { errorsOf } from './errors-of.ts';
import { type JsonSchema, SchemaCollector } from './json-schema.ts';

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: JsonSchema;
  readonly security: readonly JsonSchema[];
  readonly tags: readonly JsonSchema[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, JsonSchema>; readonly securitySchemes: JsonSchema };
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: JsonSchema;
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly JsonSchema[];
  readonly 'x-access': Route['access'];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { required: true; content: { 'application/json': { schema: JsonSchema } } };
  readonly responses: Record<string, ResponseObject>;
}

export interface ResponseObject {
  readonly description: string;
  readonly content: Record<string, { readonly schema: JsonSchema }>;
}

const TAGS: Record<Route['tag'], string> = {
  charges: 'Selling charges and learning what became of them',
  credits: 'Asking for credit',
  vendors: 'The own account',
  transactions: 'The own books',
  webhooks: 'Being told of outcomes',
  admin: 'For finance and operations, with an admin token',
  system: 'Health, metrics, keys',
};

/** The OpenAPI 3.1 document of the routes, from the schemas that validate. */
export function describeApi(routes: readonly Route[]): OpenApiDocument {
  const schemas = new SchemaCollector();
  const paths: OpenApiDocument['paths'] = {};
  for (const route of routes.filter(({ hidden }) => !hidden)) {
    const path = documentedPath(route).replaceAll(/:([a-z_]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(route, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'B2B Charge Service',
      version: '1.0.0',
      description:
        'Prepaid credit and phone top-up sales for resellers. Paths work with and without the trailing slash, and without the version: /api/charges/sell/ is /api/v1/charges/sell/. ' +
        'Send an Idempotency-Key with every sale: whatever happens, a repeat under it gets the one outcome.',
      license: { name: 'MIT' },
    },
    security: [{ token: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: {
        ...Object.fromEntries([...schemas.components].toSorted(([a], [b]) => (a < b ? -1 : 1))),
        Failure: FAILURE,
      },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: '"Authorization: Token …" or "Authorization: Bearer …"',
        },
      },
    },
  };
}

function describe(route: Route, schemas: SchemaCollector): Operation {
  const isPublic = route.access === 'public';
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    security: isPublic ? [] : [{ token: [] }],
    'x-access': route.access,
    parameters: [
      ...parametersOf(route.params, 'path', schemas),
      ...parametersOf(route.query, 'query', schemas),
      ...(route.takesKey ? [KEY_HEADER] : []),
      LANGUAGE_HEADER,
    ],
    ...(route.body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemas.of(route.body, 'input') } },
          },
        }
      : {}),
    responses: merge(successes(route, schemas), failures(errorsOf(route))),
  };
}

const KEY_HEADER: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};
const LANGUAGE_HEADER: Parameter = {
  name: 'Accept-Language',
  in: 'header',
  required: false,
  schema: { type: 'string', enum: ['en', 'fa'] },
};

function parametersOf(
  schema: Route['params'],
  place: 'path' | 'query',
  schemas: SchemaCollector,
): Parameter[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = schemas.of(schema, 'input') as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, described]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: described,
  }));
}

function successes(route: Route, schemas: SchemaCollector): Record<string, ResponseObject> {
  return Object.fromEntries(
    Object.entries(route.replies).map(([status, data]) => {
      const json = data && {
        'application/json': {
          schema: {
            type: 'object',
            properties: {
              success: { const: Number(status) < 400 },
              data: schemas.of(data, 'output'),
              message: { type: 'string' },
            },
            required: ['success', 'data', 'message'],
            additionalProperties: false,
          },
        },
      };
      const others = (route.media ?? []).map((type) => [type, { schema: { type: 'string' } }]);
      return [
        status,
        { description: DESCRIPTIONS[status] ?? 'Done', content: { ...json, ...Object.fromEntries(others) } },
      ];
    }),
  );
}

/** A status that is both an answer and a failure, as 503 is of the health check, has either's body. */
function merge(
  a: Record<string, ResponseObject>,
  b: Record<string, ResponseObject>,
): Record<string, ResponseObject> {
  const merged = { ...b, ...a };
  for (const status of Object.keys(a)) {
    const [one, other] = [a[status]?.content['application/json'], b[status]?.content['application/json']];
    if (!one || !other) continue;
    merged[status] = {
      description: `${a[status]!.description}. ${b[status]!.description}`,
      content: { 'application/json': { schema: { anyOf: [one.schema, other.schema] } } },
    };
  }
  return merged;
}

const DESCRIPTIONS: Record<string, string> = {
  201: 'Created',
  202: 'Accepted, not finished',
  503: 'Not well',
};

function failures(codes: readonly ErrorCode[]): Record<string, ResponseObject> {
  return Object.fromEntries(
    Object.entries(Object.groupBy(codes, statusOf)).map(([status, those = []]) => [
      status,
      {
        description: those.map((code) => `${code}: ${en[code]}`).join('. '),
        content: {
          'application/json': {
            schema: {
              $ref: '#/components/schemas/Failure',
              properties: { error: { properties: { code: { enum: those } } } },
            },
          },
        },
      },
    ]),
  );
}

const FAILURE: JsonSchema = {
  type: 'object',
  properties: {
    success: { const: false },
    error: {
      type: 'object',
      properties: {
        code: { enum: ERROR_CODES },
        message: { type: 'string' },
        details: { type: 'object', additionalProperties: true },
        request_id: { type: 'string' },
      },
      required: ['code', 'message', 'request_id'],
      additionalProperties: false,
    },
    message: { type: 'string' },
  },
  required: ['success', 'error', 'message'],
  additionalProperties: false,
};
