import { z } from 'zod';
import { Refusal } from './errors.ts';
import { describeIssues, type FieldIssue } from './issues.ts';
import type { Locale } from './messages/index.ts';
import type { Route } from './route.ts';

interface Given {
  readonly params: unknown;
  readonly url: string;
  readonly body: unknown;
}

const NO_QUERY = z.strictObject({});

/** All of the request against its schemas. Throws Refusal naming every bad field at once. */
export function validate(
  route: Route,
  given: Given,
  locale: Locale,
): { params: unknown; query: unknown; body: unknown } {
  const fields: FieldIssue[] = [];
  const check = (schema: z.ZodType | undefined, value: unknown): unknown => {
    const parsed = schema?.safeParse(value);
    if (!parsed || parsed.success) return parsed?.data;
    fields.push(...describeIssues(parsed.error, value, locale));
    return undefined;
  };
  const mark = given.url.indexOf('?');
  const output = {
    params: check(route.params, given.params),
    query:
      mark < 0 && !route.query
        ? undefined
        : check(route.query ?? NO_QUERY, mark < 0 ? {} : parseQuery(given.url.slice(mark + 1))),
    body: check(route.body, given.body),
  };
  if (fields.length > 0) throw new Refusal('VALIDATION_ERROR', { details: { fields } });
  return output;
}

/** A parameter given twice becomes a list, which no schema takes. */
function parseQuery(text: string): Record<string, unknown> {
  const query: Record<string, unknown> = Object.create(null);
  const parameters = new URLSearchParams(text);
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name);
    query[name] = values.length === 1 ? values[0] : values;
  }
  return query;
}
