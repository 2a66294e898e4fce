import { randomBytes } from 'node:crypto';

/** What JetStream answers to a publish. */
interface Answer {
  readonly stream?: unknown;
  readonly seq?: unknown;
  readonly error?: { readonly description?: unknown };
}

/**
 * Reads JetStream's answer to a publish. "stored" only if it names the stream and a sequence; the server's words if it refused;
 * null for anything else: a message that strayed into the inbox must not confirm what was never stored.
 */
export function readPubAck(text: string, stream: string): 'stored' | { readonly refused: string } | null {
  let answer: Answer | null;
  try {
    answer = JSON.parse(text) as Answer | null;
  } catch {
    return null;
  }
  if (answer?.error) return { refused: String(answer.error.description ?? 'refused') };
  const isStored =
    answer?.stream === stream && Number.isSafeInteger(answer.seq) && (answer.seq as number) > 0;
  return isStored ? 'stored' : null;
}

/** A reply subject that no one can guess: the library's own differ from one another by a small step. */
export const secretInbox = (prefix: string): string => `${prefix}.${randomBytes(16).toString('base64url')}`;
