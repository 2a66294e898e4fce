import { InvalidArgumentError } from 'commander';
import { parsePhoneNumber } from 'libphonenumber-js/min';
import type { PhoneNumber } from '../erase/erase-number.ts';
import { type Cli, print } from './cli.ts';

const NOTE = `
Erases one phone number from the database, for ever: transactions, dead letters, webhook deliveries. The chain, receipts
and checkpoints stay valid and say "erased". Without --yes it only counts. The audit log (ledger.erasures) keeps the
counts, the reason and the name, never the number. docs/privacy.md says what backups and NATS still hold, and how long.

  DATABASE_URL    the database, as its owner
  REDIS_URL       if given, cached outcomes of these sales are removed, too
  NAMESPACE       as the services have it

Exit code: 0 done or counted, 1 rows are left that only their vendor can change, 2 refused or not possible.`;

export function addErase({ program, env, end }: Cli): void {
  program
    .command('erase')
    .description('Erases a phone number from the database; without --yes it counts.')
    .requiredOption('--phone-number <number>', 'in E.164 form, for example +989121234567', phoneNumber)
    .requiredOption('--reason <text>', 'for the audit log')
    .requiredOption('--by <name>', 'the person, for the audit log')
    .option('--yes', 'do it')
    .option('--json', 'print JSON')
    .addHelpText('after', NOTE)
    .action(async (options: Options) => {
      const { runErase } = await import('../erase/run-erase.ts');
      const { phoneNumber: number, reason, by, yes = false } = options;
      const { erased, rows, left } = await runErase({ number, reason, by, yes }, env);
      const lines = Object.entries(rows).map(([table, count]) => `${String(count).padStart(8)}  ${table}`);
      const text = [...lines, erased ? 'erased' : 'nothing was changed: --yes erases'].join('\n');
      print({ text, json: { erased, rows } }, options);
      end(left ? 1 : 0);
    });
}

interface Options {
  readonly phoneNumber: PhoneNumber;
  readonly reason: string;
  readonly by: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

function phoneNumber(text: string): PhoneNumber {
  try {
    const { number, nationalNumber } = parsePhoneNumber(text);
    return { e164: number, national: nationalNumber };
  } catch {
    throw new InvalidArgumentError('A number in E.164 form is needed, for example +989121234567.');
  }
}
