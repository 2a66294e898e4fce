import type { JsMsg } from '@nats-io/jetstream';

/** What the client library keeps of a message; not part of its interface, so nothing here is taken for granted. */
interface Kept {
  readonly msg?: { readonly _rdata?: Uint8Array; readonly _msg?: { readonly hdr?: number } };
}

const FIRST_LINE = 'NATS/1.0\r\n';
/** Each line a name of letters, digits, `-` or `_`, and a printable value: what nearly every publisher sends. */
const PLAIN = /^(?:[\w-]+:[\x20-\x7e]*\r\n)*\r\n$/;

/**
 * The headers of a message, read from its bytes. Null for anything unusual, a repeated name as well, which is left
 * to the library: its own reading of five headers costs as much as deciding the command.
 */
export function plainHeaders(message: JsMsg): Map<string, string> | null {
  const { _rdata: bytes, _msg: frame } = (message as unknown as Kept).msg ?? {};
  const length = frame?.hdr ?? 0;
  if (!bytes || length <= 0) return null;
  return parsePlainHeaders(Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1'));
}

/** `block` holds one character per byte. */
export function parsePlainHeaders(block: string): Map<string, string> | null {
  if (!block.startsWith(FIRST_LINE) || !PLAIN.test(block.slice(FIRST_LINE.length))) return null;
  const fields = new Map<string, string>();
  for (let start = FIRST_LINE.length; start < block.length - 2; ) {
    const colon = block.indexOf(':', start);
    const end = block.indexOf('\r\n', colon);
    const name = block.slice(start, colon);
    if (fields.has(name)) return null;
    fields.set(name, block.slice(colon + 1, end).trim());
    start = end + 2;
  }
  return fields;
}
