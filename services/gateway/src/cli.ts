import { parseArgs } from 'node:util';
import { ConfigError } from '@b2b-charge/runtime';
import { type CliContext, createCliContext } from './cli/context.ts';
import * as tokens from './cli/token-commands.ts';
import { UsageError } from './cli/usage-error.ts';
import * as vendors from './cli/vendor-commands.ts';

const USAGE = `Vendors and tokens of the gateway, by its own settings (DATABASE_URL, NATS_URL, …).

  token issue --admin --name PERSON [--read-only] [--expires-in 30d]
  token issue --vendor ID --name NAME [--read-only] [--expires-in 12h]
  token list [--admin | --vendor ID]
  token revoke ID
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
  switch (positionals.slice(0, 2).join(' ')) {
    case 'token issue':
      return tokens.issue(context, values);
    case 'token list':
      return tokens.list(context, values);
    case 'token revoke':
      return tokens.revoke(context, positionals[2]);
    case 'vendor create':
      return vendors.create(context, values);
    default:
      throw new UsageError(`unknown command: ${positionals.join(' ') || '(none)'}`);
  }
}

if (values.help) process.stdout.write(USAGE);
else {
  try {
    await using context = await createCliContext(process.env);
    const { json, text } = await run(context);
    process.stdout.write(`${values.json ? JSON.stringify(json, null, 2) : text}\n`);
  } catch (error) {
    const usage = error instanceof UsageError;
    const known = usage || error instanceof ConfigError;
    process.stderr.write(`${known ? (error as Error).message : String(error)}\n${usage ? `\n${USAGE}` : ''}`);
    process.exitCode = known ? 2 : 1;
  }
}
