import type { OpenApiDocument, Operation, ResponseObject } from '@b2b-charge/http/openapi/document';
import type { JsonSchema } from '@b2b-charge/http/openapi/json-schema';
import fc from 'fast-check';
import { z } from 'zod';
import { type Answer, Caller } from './caller.ts';

export interface Described {
  /** Of the service that serves it. */
  readonly url: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** The served OpenAPI document: what it describes, and whether an answer is as described. */
export class ApiDocument {
  readonly document: OpenApiDocument;
  readonly operations: readonly Described[];
  readonly #validators = new Map<JsonSchema, z.ZodType>();

  constructor(url: string, document: OpenApiDocument) {
    this.document = document;
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        url,
        path,
        method: method.toUpperCase(),
        operation,
      })),
    );
  }

  static async of(url: string): Promise<ApiDocument> {
    const answer = await new Caller(url).get('/openapi.json');
    return new ApiDocument(url, answer.body);
  }

  /** What is wrong with an answer; null if it is as described. */
  complaint({ operation, method, path }: Described, answer: Answer): string | null {
    const where = `${method} ${path} → ${answer.status} ${answer.text.slice(0, 300)}`;
    const response = operation.responses[answer.status];
    if (!response) return `undescribed status: ${where}`;
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    const content = response.content[type];
    if (!content) return `undescribed content type ${type}: ${where}`;
    if (type !== 'application/json') return null;
    const codes = codesOf(response);
    if (answer.code !== undefined && !codes.includes(answer.code)) return `undescribed code: ${where}`;
    const valid = this.#validatorOf(content.schema).safeParse(answer.body);
    return valid.success ? null : `${z.prettifyError(valid.error)}: ${where}`;
  }

  #validatorOf(schema: JsonSchema): z.ZodType {
    let validator = this.#validators.get(schema);
    if (!validator) {
      const text = JSON.stringify({ ...schema, $defs: this.document.components.schemas });
      validator = z.fromJSONSchema(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')));
      this.#validators.set(schema, validator);
    }
    return validator;
  }

  /** Values that a schema describes. */
  valuesOf(schema: JsonSchema): fc.Arbitrary<unknown> {
    if (typeof schema.$ref === 'string') {
      return this.valuesOf(this.document.components.schemas[schema.$ref.split('/').at(-1)!]!);
    }
    const examples = Array.isArray(schema.examples) ? schema.examples : [];
    if (examples.length > 0 && schema.type !== 'object') {
      return fc.oneof(fc.constantFrom(...examples), this.#made(schema));
    }
    return this.#made(schema);
  }

  #made(schema: JsonSchema): fc.Arbitrary<unknown> {
    if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
    if ('const' in schema) return fc.constant(schema.const);
    const union = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
    if (union) return fc.oneof(...union.map((one) => this.valuesOf(one)));
    if (Array.isArray(schema.type)) {
      return fc.oneof(...schema.type.map((type: string) => this.#made({ ...schema, type })));
    }
    switch (schema.type) {
      case 'string':
        return textOf(schema);
      case 'integer':
        return fc.integer({
          min: (schema.minimum as number) ?? -1e9,
          max: (schema.maximum as number) ?? 1e9,
        });
      case 'number':
        return fc.integer({ min: 1, max: 1e9 }).map((minor) => minor / 100);
      case 'boolean':
        return fc.boolean();
      case 'null':
        return fc.constant(null);
      case 'array':
        return fc.array(this.valuesOf(schema.items as JsonSchema), {
          minLength: (schema.minItems as number) ?? 0,
          maxLength: 5,
        });
      case 'object': {
        const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
        return fc.record(Object.fromEntries(properties.map(([name, one]) => [name, this.valuesOf(one)])), {
          requiredKeys: (schema.required as string[] | undefined) ?? [],
        });
      }
      default:
        return fc.jsonValue();
    }
  }
}

function textOf({ pattern, format, minLength = 1, maxLength = 40 }: JsonSchema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time')
    return fc.date({ noInvalidDate: true, min: new Date(0) }).map((at) => at.toISOString());
  if (typeof pattern === 'string' && !pattern.includes('\\p')) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ minLength: minLength as number, maxLength: Math.min(maxLength as number, 60) });
}

/** The codes of the failures that a response describes. */
function codesOf(response: ResponseObject): string[] {
  return [...JSON.stringify(response.content).matchAll(/"code":\{"enum":\[([^\]]*)\]/g)].flatMap(([, list]) =>
    JSON.parse(`[${list}]`),
  );
}
