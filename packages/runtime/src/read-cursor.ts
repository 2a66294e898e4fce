import { CallError } from './calls.ts';

/** The id of a row. */
const ROW_ID = /^[1-9][0-9]{0,15}$/;

/** Where the page before ended; null for the first page. Throws BAD_REQUEST for what no list gave as a cursor. */
export function readCursor(cursor: string | null | undefined, form: RegExp = ROW_ID): string | null {
  if (!cursor) return null;
  if (!form.test(cursor)) throw new CallError('BAD_REQUEST', 'cursor: is none');
  return cursor;
}
