import { ConfigError, explain } from '@b2b-charge/runtime';
import { LetterRefusal } from '../dead-letters/letter-refusal.ts';
import { UsageError } from './usage-error.ts';

/** Runs an operator's command: 0 if it was done, 1 for a fault, 2 for a refusal that says why. */
export async function runCli(
  usage: string,
  work: (args: readonly string[]) => Promise<string>,
): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage);
    return;
  }
  try {
    process.stdout.write(`${await work(args)}\n`);
  } catch (error) {
    const known = [UsageError, ConfigError, LetterRefusal].some((kind) => error instanceof kind);
    process.stderr.write(`${known ? (error as Error).message : explain(error)}\n`);
    process.exitCode = known ? 2 : 1;
  }
}
