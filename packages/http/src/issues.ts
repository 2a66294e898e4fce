import type { z } from 'zod';
import { en } from './messages/en.ts';
import { type Locale, type MessageKey, message } from './messages/index.ts';

export interface FieldIssue {
  readonly field: string;
  readonly message: string;
}

const MOST = 50;

/** Every bad field by its name, in the caller's language; at most 50 of them. */
export function describeIssues(error: z.ZodError, input: unknown, locale: Locale): FieldIssue[] {
  return error.issues
    .flatMap((issue): { path: PropertyKey[]; key: MessageKey }[] =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ path: [...issue.path, key], key: 'field_unknown' }))
        : [{ path: issue.path, key: keyOf(issue, input) }],
    )
    .slice(0, MOST)
    .map(({ path, key }) => ({ field: nameOf(path), message: message(locale, key) }));
}

const nameOf = (path: readonly PropertyKey[]): string => path.map(String).join('.').slice(0, 100) || 'body';

function keyOf(issue: z.core.$ZodIssue, input: unknown): MessageKey {
  if (valueAt(input, issue.path) === undefined) return 'field_required';
  if (issue.message.startsWith('field_') && Object.hasOwn(en, issue.message))
    return issue.message as MessageKey;
  switch (issue.code) {
    case 'invalid_type':
    case 'invalid_union':
      return 'field_type';
    case 'invalid_value':
      return 'field_choice';
    case 'too_small':
      return 'field_too_small';
    case 'too_big':
      return 'field_too_big';
    default:
      return 'field_invalid';
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const step of path) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}
