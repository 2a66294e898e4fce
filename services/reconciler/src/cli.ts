import { ConfigError, toolEnvironment } from '@b2b-charge/runtime';
import { parseOptions, USAGE, UsageError } from './cli/options.ts';
import { reconcile } from './cli/reconcile.ts';
import { parseConfig, type ReconcilerConfig } from './config.ts';
import { loadKeys } from './keys/signing-key.ts';

const COULD_NOT_CHECK = 2;
/** A connection attempt that nobody waits for any more would keep the process alive. */
const LAST_RESORT_MS = 500;

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
  } else {
    const config = parseConfig(toolEnvironment(process.env, 'reconciler'));
    if (options.publicKey) process.stdout.write(publicKeyOf(config));
    else process.exitCode = await reconcile(config, options, process.stdout);
  }
} catch (error) {
  process.exitCode = COULD_NOT_CHECK;
  const { message } = error as Error;
  if (error instanceof UsageError) process.stderr.write(`${message}\n\n${USAGE}\n`);
  else if (error instanceof ConfigError) process.stderr.write(`reconcile: bad configuration\n${message}\n`);
  else process.stderr.write(`reconcile: could not check: ${message}\n`);
}
if (process.exitCode === COULD_NOT_CHECK) setTimeout(() => process.exit(), LAST_RESORT_MS).unref();

function publicKeyOf({ SIGNING_KEY_FILE: file }: ReconcilerConfig): string {
  if (file === undefined) throw new ConfigError('SIGNING_KEY_FILE: is missing');
  return loadKeys(file).current.publicKey;
}
