import { parseArgs } from 'node:util';
import { ConfigError, toolEnvironment } from '@b2b-charge/runtime';
import { type CliContext, createCliContext } from './cli/context.ts';
import * as tokens from './cli/token-commands.ts';
import { UsageError } from './cli/usage-error.ts';
import * as vendors from './cli/vendor-commands.ts';

const USAGE = `Vendors and tokens of the backoffice, by its own settings (DATABASE_URL, NATS_URL, …) from the environment, or those of the
local stack that runs.

  issue --admin --name PERSON [--read-only] [--expires-in 30d]
  issue --vendor ID --name NAME [--read-only] [--expires-in 12h]
  list [--admin | --vendor ID]
  revoke ID
  vendor create --name NAME [--daily-limit AMOUNT]

  --json prints everything as JSON. A token is shown once, when it is issued.
`;

const { values, positionals } = parseCommandLine();

function parseCommandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        admin: { type: 'boolean' },
        vendor: { type: 'string' },
        name: { type: 'string' },
        'read-only': { type: 'boolean' },
        'expires-in': { type: 'string' },
        'daily-limit': { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return process.exit(2);
  }
}

function run(context: CliContext): Promise<{ json: unknown; text: string }> {
  const [command, argument, ...rest] = positionals;
  if (rest.length === 0) {
    if (command === 'issue' && argument === undefined) return tokens.issue(context, values);
    if (command === 'list' && argument === undefined) return tokens.list(context, values);
    if (command === 'revoke') return tokens.revoke(context, argument);
    if (command === 'vendor' && argument === 'create') return vendors.create(context, values);
  }
  throw new UsageError(`unknown command: ${positionals.join(' ') || '(none)'}`);
}

if (values.help) process.stdout.write(USAGE);
else {
  try {
    await using context = await createCliContext(toolEnvironment(process.env, 'backoffice'));
    const { json, text } = await run(context);
    process.stdout.write(`${values.json ? JSON.stringify(json, null, 2) : text}\n`);
  } catch (error) {
    const usage = error instanceof UsageError;
    const known = usage || error instanceof ConfigError;
    process.stderr.write(`${known ? (error as Error).message : String(error)}\n${usage ? `\n${USAGE}` : ''}`);
    process.exitCode = known ? 2 : 1;
  }
}
