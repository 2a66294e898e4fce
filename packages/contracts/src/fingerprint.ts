import { hash } from 'node:crypto';
import type { CommandRequest } from './commands.ts';
import { formatMoney, parseMoney } from './money.ts';

/** One spelling per amount, so that "50000" and "50000.00" are the same request. */
const canonicalAmount = (text: string): string => formatMoney(parseMoney(text) ?? 0n);

/**
 * What tells a repeat from another command under the same key: the first 16 bytes, in hex, of SHA-256 over a JSON array
 * of the type and the fields that the client sent, in the order of the schema; nothing the server made.
 */
export function fingerprint(command: CommandRequest): string {
  return hash('sha256', canonicalText(command), 'hex').slice(0, 32);
}

function canonicalText(command: CommandRequest): string {
  switch (command.type) {
    case 'charge': // no character of these two needs escaping in JSON
      return `["charge","${command.phone_number}","${canonicalAmount(command.amount)}"]`;
    case 'credit':
      return JSON.stringify(['credit', canonicalAmount(command.amount), command.reference ?? null]);
    case 'reverse':
      return JSON.stringify(['reverse', command.transaction_id.toLowerCase(), command.reason]);
    case 'rebuild':
      return JSON.stringify(['rebuild', command.reason ?? null]);
    case 'open-vendor':
      return JSON.stringify(['open-vendor', command.name, limitOf(command)]);
    case 'update-vendor':
      return JSON.stringify([
        'update-vendor',
        command.name ?? null,
        command.status ?? null,
        limitOf(command),
      ]);
  }
}

/** An absent limit (unchanged) and null (no limit) are different requests. */
function limitOf({ daily_limit }: { daily_limit?: string | null | undefined }): string[] | null {
  if (daily_limit === undefined) return null;
  return daily_limit === null ? [] : [canonicalAmount(daily_limit)];
}
