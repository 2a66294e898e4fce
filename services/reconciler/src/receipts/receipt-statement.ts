import { hash } from 'node:crypto';

/** A transaction's content in the order of the text that its hash is taken over (docs/ledger.md). */
export const RECEIPT_FIELDS = [
  'vendor_id',
  'seq',
  'transaction_id',
  'type',
  'status',
  'reason',
  'amount',
  'balance_effect',
  'held_effect',
  'balance_before',
  'balance_after',
  'held_before',
  'held_after',
  'phone_commitment',
  'message_id',
  'fingerprint',
  'principal',
  'source',
  'reference',
  'resolves',
  'operator',
  'livemode',
  'details_digest',
  'stream',
  'stream_epoch',
  'stream_seq',
  'stream_index',
  'business_day',
  'created_at',
  'previous_hash',
] as const;
export type ReceiptContent = Record<(typeof RECEIPT_FIELDS)[number], string>;

const TITLE = 'b2b-charge receipt v1';

/** The hash of a transaction by its content: the auditor's own reading. */
export const contentHash = (content: ReceiptContent): string =>
  hash('sha256', ['b2b-charge/1', ...RECEIPT_FIELDS.map((name) => content[name])].join('\n'), 'hex');

export interface ReceiptFacts {
  readonly issuedAt: string;
  readonly currency: string;
  readonly content: ReceiptContent;
  /** SHA-256 of the statement of the checkpoint that was the newest; null if there was none. */
  readonly checkpointHash: string | null;
}

/** The text that is signed: a title and one `name: value` per line. Amounts are minor units; absent values are empty. */
export function receiptStatement({ issuedAt, currency, content, checkpointHash }: ReceiptFacts): string {
  return [
    TITLE,
    `issued_at: ${issuedAt}`,
    ...RECEIPT_FIELDS.map((name) => `${name}: ${content[name]}`),
    `hash: ${contentHash(content)}`,
    `checkpoint: ${checkpointHash ?? 'none'}`,
    `currency: ${currency}`,
  ].join('\n');
}

/** Null if the text is no receipt, or if its hash is not that of its content. */
export function parseReceiptStatement(text: string): (ReceiptFacts & { hash: string }) | null {
  const [title, ...lines] = text.split('\n');
  const names = ['issued_at', ...RECEIPT_FIELDS, 'hash', 'checkpoint', 'currency'];
  if (title !== TITLE || lines.length !== names.length) return null;
  const values = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    if (!lines[index]!.startsWith(`${name}: `)) return null;
    values.set(name, lines[index]!.slice(name.length + 2));
  }
  const content = Object.fromEntries(
    RECEIPT_FIELDS.map((name) => [name, values.get(name)!]),
  ) as ReceiptContent;
  const stated = values.get('hash')!;
  if (stated !== contentHash(content)) return null;
  const checkpoint = values.get('checkpoint')!;
  return {
    issuedAt: values.get('issued_at')!,
    currency: values.get('currency')!,
    content,
    hash: stated,
    checkpointHash: checkpoint === 'none' ? null : checkpoint,
  };
}
