import { pastInstant, wholeNumber } from './arguments.ts';
import { type Cli, printText } from './cli.ts';

const MAX_LANES = 1_024;

const REPARTITION_NOTE = `
Needs a standstill (docs/operations.md, "Lanes"): stop the gateways and every other publisher, wait until all lanes are
decided, stop the ledgers, repartition, set LANES for every service, start them. If a command is undecided or a process
still runs, it is named, and nothing is changed.`;

const REPUBLISH_NOTE = `
Needed only if LEDGER_EVENTS lost events and no ledger noticed (docs/disaster-recovery.md). Each lane changes its owner
within a second or two; the new owner publishes, under the ids that the events had. At most six days back.`;

export function addLanes({ program, env }: Cli): void {
  const lanes = program.command('lanes').description('The lanes of the command log.');
  const load = () => import('../../services/ledger/src/cli/lanes.ts');

  lanes
    .command('status')
    .description('Shows the owner and the progress of each lane.')
    .option('--json', 'print JSON')
    .action(async ({ json = false }: { json?: boolean }) =>
      printText(await (await load()).showLanes(env, json)),
    );

  lanes
    .command('repartition')
    .description('Changes the number of lanes; without --yes it says what it would change.')
    .requiredOption('--to <lanes>', `the new number, from 1 to ${MAX_LANES}`, wholeNumber(1, MAX_LANES))
    .option('--yes', 'do it')
    .addHelpText('after', REPARTITION_NOTE)
    .action(async ({ to, yes = false }: { to: number; yes?: boolean }) =>
      printText(await (await load()).repartitionTo(env, to, yes)),
    );

  lanes
    .command('republish')
    .description('Publishes again the events since a time; without --yes it says how many.')
    .requiredOption('--since <time>', 'with its zone, such as 2026-11-24T12:00:00Z', pastInstant)
    .option('--yes', 'do it')
    .addHelpText('after', REPUBLISH_NOTE)
    .action(async ({ since, yes = false }: { since: Date; yes?: boolean }) =>
      printText(await (await load()).republishSince(env, since, yes)),
    );
}
