import { toolEnvironment } from '@b2b-charge/runtime';
import { vendorId } from './arguments.ts';
import { type Cli, printText } from './cli.ts';

const NOTE = `
Writes what is stored of one vendor, as of now, into a new folder: vendor, transactions, credit requests with their
approvals, and expired commands, as JSON lines; and a manifest with the number of rows and the SHA-256 of each file and
the hash of the chain's head. It reads a snapshot with the reconciler's read-only role; sales go on. The files hold phone
numbers: only their owner can read them.`;

export function addExport({ program, env }: Cli): void {
  program
    .command('export')
    .description('Exports one vendor with a manifest of hashes.')
    .requiredOption('--vendor-id <id>', 'the vendor', vendorId)
    .requiredOption('--out <folder>', 'the folder to create')
    .addHelpText('after', NOTE)
    .action(async (options: { vendorId: number; out: string }) => {
      const { parseConfig } = await import('../../services/reconciler/src/config.ts');
      const { runExport } = await import('../../services/reconciler/src/export/run-export.ts');
      const config = parseConfig(toolEnvironment(env, 'reconciler'));
      printText(await runExport(config, { vendorId: options.vendorId, folder: options.out }));
    });
}
