import type { CallRequest, TransactionView } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';
import type { Ask } from './ask.ts';
import { type Raw, raw } from './reply.ts';

const COLUMNS = [
  'transaction_id',
  'vendor_id',
  'seq',
  'created_at',
  'business_day',
  'type',
  'status',
  'reason',
  'amount',
  'phone_number',
  'phone_erased',
  'balance_before',
  'balance_after',
  'currency',
  'idempotency_key',
  'reference',
  'metadata',
  'principal',
  'source',
  'resolves',
  'operator',
  'livemode',
] as const satisfies readonly (keyof TransactionView)[];

const ROWS_PER_PAGE = 500;

/** RFC 4180; a text that a spreadsheet would take for a formula gets an apostrophe. Amounts keep both decimals. */
function cell(value: unknown): string {
  const text =
    value === null || value === undefined
      ? ''
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  const safe = /^[=@\t\r]|^[+-](?![0-9.]+$)/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const csvLine = (transaction: TransactionView): string =>
  `${COLUMNS.map((column) => cell(transaction[column])).join(',')}\r\n`;

/** All transactions of a filter, page by page as the client reads: bounded memory, however many there are. */
export async function csvReply(
  { ask, log }: { readonly ask: Ask; readonly log: Logger },
  filter: CallRequest<'ledger.query.transactions'>,
): Promise<Raw> {
  const encoder = new TextEncoder();
  const page = (cursor: string | null) =>
    ask('ledger.query.transactions', { ...filter, limit: ROWS_PER_PAGE, cursor });
  // The first page before the status line: if the ledger is away, the answer can still say so.
  let current = await page(null);
  let started = false;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const lines = started ? '' : `${COLUMNS.join(',')}\r\n`;
        started = true;
        const rows = current.transactions.map((transaction) => csvLine(transaction));
        controller.enqueue(encoder.encode(lines + rows.join('')));
        if (current.next_cursor === null) controller.close();
        else current = await page(current.next_cursor);
      } catch (error) {
        // The client sees the stream break off, which no complete file does.
        log.warn({ err: error }, 'an export broke off');
        controller.error(error);
      }
    },
  });
  return raw(
    200,
    {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="transactions.csv"',
    },
    body,
  );
}
