import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { CommandRequest } from './commands.ts';
import { formatMoney, parseMoney } from './money.ts';

/** One spelling per amount, so that "50000" and "50000.00" are the same request. */
const canonicalAmount = (text: string): string => formatMoney(parseMoney(text) ?? 0n);

/**
 * Tells a repeat from another command under the same key: the first 16 bytes, in hex, of SHA-256 over the salt in hex, a
 * line feed, and a JSON array of the type and the fields that the client sent. The salt is that of the command's phone
 * number, so that an erased number cannot be found by trying all numbers; it is empty for commands without one.
 */
export function fingerprint(command: CommandRequest, phoneSalt: string | null): string {
  return hash('sha256', `${phoneSalt ?? ''}\n${requestText(command)}`, 'hex').slice(0, 32);
}

function requestText(command: CommandRequest): string {
  switch (command.type) {
    case 'charge': {
      // Neither the number nor the amount holds a character that JSON escapes.
      const { phone_number, amount, reference, metadata } = command;
      const optional =
        reference === undefined && metadata === undefined
          ? 'null,null'
          : `${JSON.stringify(reference ?? null)},${canonicalJson(metadata ?? null)}`;
      return `["charge","${phone_number}","${canonicalAmount(amount)}",${optional}]`;
    }
    case 'credit':
      return JSON.stringify(['credit', canonicalAmount(command.amount), command.reference ?? null]);
    case 'reverse':
      return JSON.stringify(['reverse', command.transaction_id.toLowerCase(), command.reason]);
    case 'rebuild':
      return JSON.stringify(['rebuild', command.reason ?? null]);
    case 'open-vendor':
      return JSON.stringify(['open-vendor', command.name, limitOf(command), command.livemode ?? true]);
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
