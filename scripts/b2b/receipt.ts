import { readFileSync } from 'node:fs';
import { UsageError } from '@b2b-charge/runtime';
import { type Cli, printText } from './cli.ts';

export function addReceipt({ program, end }: Cli): void {
  program
    .command('receipt')
    .description('Verifies a receipt offline. Exit code: 0 valid, 1 not valid, 2 could not check.')
    .argument('<receipt.json>', 'the receipt, as the API answered it')
    .requiredOption('--key <public-key.pem>', 'the public key: b2b reconcile --public-key')
    .action(async (file: string, { key }: { key: string }) => {
      const { checkReceipt } = await import('../../services/reconciler/src/receipts/check-receipt.ts');
      try {
        const { valid, text } = checkReceipt(readFileSync(file, 'utf8'), readFileSync(key, 'utf8'));
        printText(text);
        end(valid ? 0 : 1);
      } catch (cause) {
        throw new UsageError(`could not check: ${(cause as Error).message}`, { cause });
      }
    });
}
