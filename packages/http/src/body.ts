import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { Refusal } from './errors.ts';
import { JsonError, parseStrictJson } from './strict-json.ts';

const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;

/** Reads a JSON body of at most `maxBytes`. Throws Refusal: wrong type, too large, not JSON. */
export async function readJsonBody(incoming: IncomingMessage, maxBytes: number): Promise<unknown> {
  const {
    'content-type': type = '',
    'content-encoding': encoding,
    'content-length': length,
  } = incoming.headers;
  if (
    (type !== 'application/json' && !JSON_TYPE.test(type)) ||
    (encoding !== undefined && encoding !== 'identity')
  ) {
    throw new Refusal('UNSUPPORTED_MEDIA_TYPE');
  }
  if (Number(length) > maxBytes) throw tooLarge(maxBytes);
  const bytes = await collect(incoming, maxBytes);
  if (!isUtf8(bytes)) throw malformed('not UTF-8');
  try {
    return parseStrictJson(bytes.toString('utf8'));
  } catch (error) {
    if (error instanceof JsonError) throw malformed(error.message);
    throw error;
  }
}

/** The rest of a body that is too large is not read, so the connection cannot go on. */
const tooLarge = (maxBytes: number) =>
  new Refusal('PAYLOAD_TOO_LARGE', { details: { max_bytes: maxBytes }, headers: { connection: 'close' } });

const malformed = (reason: string) =>
  new Refusal('VALIDATION_ERROR', { details: { fields: [{ field: 'body', message: `JSON: ${reason}` }] } });

/** A body of at most `maxBytes`. Rejects with Refusal. */
export function collect(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let size = 0;
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) {
        incoming.pause();
        reject(tooLarge(maxBytes));
      } else chunks.push(chunk);
    });
    incoming.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)));
    incoming.on('error', (cause) => reject(new Refusal('BAD_REQUEST', { cause })));
    incoming.on('close', () => {
      if (!incoming.complete) reject(new Refusal('BAD_REQUEST'));
    });
  });
}
