import { NatsSystemsError } from '@b2b-charge/stack';
import { carryOut } from './nats-user/carry-out.ts';
import { parseOptions, USAGE, UsageError } from './nats-user/options.ts';

/** `npm run nats-user`: 0 if it was done, 1 for a fault, 2 for a refusal that says why. */
try {
  const options = parseOptions(process.argv.slice(2));
  process.stdout.write(options.order.kind === 'help' ? USAGE : `${await carryOut(options, process.env)}\n`);
} catch (error) {
  const known = error instanceof UsageError || error instanceof NatsSystemsError;
  process.stderr.write(`${known ? (error as Error).message : (error as Error).stack}\n`);
  process.exitCode = known ? 2 : 1;
}
