import type { IncomingMessage } from 'node:http';
import { collect } from '@b2b-charge/http/body';
import { Refusal } from '@b2b-charge/http/errors';

const FORM_TYPE = /^application\/x-www-form-urlencoded\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;
const MAX_BYTES = 65_536;

export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** A form's fields. Throws Refusal: wrong type, too large. */
export async function readForm(incoming: IncomingMessage): Promise<Fields> {
  const { 'content-type': type = '', 'content-length': length } = incoming.headers;
  if (!FORM_TYPE.test(type)) throw new Refusal('UNSUPPORTED_MEDIA_TYPE');
  if (Number(length) > MAX_BYTES)
    throw new Refusal('PAYLOAD_TOO_LARGE', { headers: { connection: 'close' } });
  return fieldsOf((await collect(incoming, MAX_BYTES)).toString('utf8'));
}

/** Text boxes left empty are not there; a name given twice is a list. */
export function fieldsOf(text: string): Fields {
  const fields: Record<string, string | string[]> = Object.create(null);
  const parameters = new URLSearchParams(text);
  for (const name of new Set(parameters.keys())) {
    const values = parameters.getAll(name).filter((value) => value.trim() !== '');
    if (values.length === 1) fields[name] = values[0]!;
    else if (values.length > 1) fields[name] = values;
  }
  return fields;
}
