import { ConfigError, toolEnvironment, UsageError } from '@b2b-charge/runtime';
import { InvalidArgumentError } from 'commander';
import { dayOrTime, vendorId } from './arguments.ts';
import { type Cli, printText } from './cli.ts';

interface Options {
  readonly vendorId?: number;
  readonly report?: string | true;
  readonly since?: Date;
  readonly fix?: true;
  readonly yes?: true;
  readonly verbose?: true;
  readonly json?: true;
  readonly full?: true;
  readonly dryRun?: true;
  readonly restartCheckpoints?: true;
  readonly publicKey?: true;
}

export function addReconcile({ program, env, end }: Cli): void {
  program
    .command('reconcile')
    .description('Audits the books. Exit code: 0 clean or all fixed, 1 discrepancy, 2 could not check.')
    .option('--vendor-id <id>', 'check this vendor only', vendorId)
    .option('--report [file]', 'detailed report; with a name to that file, .txt or .json', reportFile)
    .option('--fix', 'let the ledger rebuild what differs a little, then check again; asks first')
    .option('--yes', 'with --fix: do not ask')
    .option('--verbose', 'list every vendor, and how much was checked')
    .option('--json', 'print the result as JSON')
    .option('--full', 'check from the first transaction instead of the last checkpoint')
    .option('--since <time>', 'check from the last checkpoint before this day or time', dayOrTime)
    .option('--dry-run', 'store and publish nothing, fix nothing')
    .option(
      '--restart-checkpoints',
      'sign anew although earlier checkpoints were tampered with; needs --full',
    )
    .option('--public-key', 'print the public key that verifies checkpoints and receipts')
    .action(async (options: Options) => {
      const { parseConfig } = await import('../../services/reconciler/src/config.ts');
      const config = parseConfig(toolEnvironment(env, 'reconciler'));
      if (options.publicKey) return printText(await publicKeyOf(config.SIGNING_KEY_FILE));
      const { reconcile } = await import('../../services/reconciler/src/cli/reconcile.ts');
      const restartCheckpoints = options.restartCheckpoints === true && options.full === true;
      const run = reconcile(config, { ...options, restartCheckpoints }, process.stdout);
      end(await run.catch(couldNotCheck));
    });
}

function reportFile(name: string): string {
  if (/\.(txt|json)$/.test(name)) return name;
  throw new InvalidArgumentError('A name that ends in .txt or .json is needed.');
}

/** A fault is no verdict on the books. */
function couldNotCheck(error: Error): never {
  throw new UsageError(`could not check: ${error.message}`, { cause: error });
}

async function publicKeyOf(file: string | undefined): Promise<string> {
  if (file === undefined) throw new ConfigError('SIGNING_KEY_FILE: is missing');
  const { loadKeys } = await import('../../services/reconciler/src/keys/signing-key.ts');
  return loadKeys(file).current.publicKey.trimEnd();
}
