import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatMoney, receiptSchema } from '@b2b-charge/contracts';
import { verifyReceipt } from './verify-receipt.ts';

const USAGE = `Usage: npm run receipt -- <receipt.json> --key <public-key.pem>

Verifies a receipt offline. Status: 0 valid, 1 not valid, 2 could not check.`;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { key: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help || positionals.length !== 1 || !values.key) {
    process.stderr.write(`${USAGE}\n`);
    process.exitCode = values.help ? 0 : 2;
  } else {
    process.exitCode = check(readFileSync(positionals[0]!, 'utf8'), readFileSync(values.key, 'utf8'));
  }
} catch (error) {
  process.stderr.write(`could not check: ${(error as Error).message}\n`);
  process.exitCode = 2;
}

function check(text: string, publicKey: string): number {
  const json = JSON.parse(text) as { data?: unknown };
  // As the HTTP API answers it, or the receipt by itself.
  const verification = verifyReceipt(receiptSchema.parse(json.data ?? json), publicKey);
  if (!verification.valid) {
    process.stdout.write(`NOT VALID: ${verification.reason}\n`);
    return 1;
  }
  const { content, currency, issuedAt, phoneNumber } = verification;
  const phone = content.phone_commitment === '' ? '' : ` to ${phoneNumber ?? 'an erased number'}`;
  process.stdout.write(
    `VALID: ${content.status} ${content.type} of ${formatMoney(BigInt(content.amount))} ${currency}${phone}, vendor ${
      content.vendor_id
    }, transaction ${content.id} (number ${content.seq}), ${new Date(Number(content.created_at_ms)).toISOString()}\n` +
      `Receipt issued at ${issuedAt}\n`,
  );
  return 0;
}
