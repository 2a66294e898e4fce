import { DEAD_LETTER_REASONS, type DeadLetterReason } from '@b2b-charge/contracts';
import { Option } from 'commander';
import { wholeNumber } from './arguments.ts';
import { type Cli, print, printText } from './cli.ts';

const MAX_LISTED = 1_000;
const ID = '<lane/epoch/seq>';

const RESUBMIT_NOTE = `
Puts the same payload into the log again, on the right lane, to be executed within a minute or never. It keeps its
message id, so that a sale which the vendor has repeated in the meantime is not sold twice. Who did it, and the note,
are stored.`;

export function addDeadLetters({ program, env }: Cli): void {
  const deadLetters = program
    .command('dead-letters')
    .description('Commands that could not be executed: their place in the log, content and reason.');
  const load = () => import('../../services/ledger/src/cli/dead-letters.ts');

  deadLetters
    .command('list')
    .description('Lists dead letters, newest first.')
    .addOption(new Option('--reason <reason>', 'only this reason').choices(DEAD_LETTER_REASONS))
    .option('--limit <n>', 'at most so many', wholeNumber(1, MAX_LISTED), 50)
    .option('--open', 'leave out those that were resubmitted')
    .option('--json', 'print JSON')
    .action(async (options: { reason?: DeadLetterReason; limit: number; open?: true; json?: true }) =>
      print(await (await load()).listDeadLetters(env, options), options),
    );

  deadLetters
    .command('show')
    .description('Shows one dead letter, and what its key leads to.')
    .argument(ID)
    .option('--json', 'print JSON')
    .action(async (id: string, options: { json?: true }) =>
      print(await (await load()).showDeadLetter(env, id), options),
    );

  deadLetters
    .command('resubmit')
    .description('Publishes a dead-lettered command again; without --yes it says what it would publish.')
    .argument(ID)
    .option('--message-id <id>', 'publish it under another message id')
    .option('--again', 'also if it was resubmitted before')
    .option('--note <why>', 'reason, for the record')
    .option('--yes', 'do it')
    .addHelpText('after', RESUBMIT_NOTE)
    .action(async (id: string, options: { messageId?: string; again?: true; note?: string; yes?: true }) =>
      printText(await (await load()).resubmitDeadLetter(env, id, options)),
    );
}
