import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm start -- [options]

Finds or starts PostgreSQL, NATS and Redis, migrates, and runs the services until Ctrl-C.

  --fresh             begin anew: deletes all data of earlier runs
  --port N            port of the HTTP API (8000 unless given)
  --backoffice-port N port of the console and the admin API (8010 unless given)
  --no-demo-vendors   create no vendors with credit
  --help              this text

Environment: DATABASE_URL (an administrator's), NATS_URL and REDIS_URL name servers to use instead of starting some;
STACK_SERVERS=binary|npm|container|debian says where to look for them first; NATS_SERVER_BIN names a nats-server;
LOCAL_DIR is the folder that keeps the data (.local unless given).
Whatever else is set reaches the services; .env.example lists their settings.
`;

const DEFAULT_PORT = 8000;
const DEFAULT_BACKOFFICE_PORT = 8010;

export interface StackOptions {
  readonly fresh: boolean;
  readonly help: boolean;
  readonly port: number;
  readonly backofficePort: number;
  readonly demoVendors: boolean;
}

export class UsageError extends Error {
  override name = 'UsageError';
}

/** Throws UsageError. */
export function parseStackOptions(args: readonly string[]): StackOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        fresh: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        port: { type: 'string', default: String(DEFAULT_PORT) },
        'backoffice-port': { type: 'string', default: String(DEFAULT_BACKOFFICE_PORT) },
        'demo-vendors': { type: 'boolean', default: true },
      },
      allowNegative: true,
    });
    return {
      fresh: values.fresh,
      help: values.help,
      port: parsePort('--port', values.port),
      backofficePort: parsePort('--backoffice-port', values['backoffice-port']),
      demoVendors: values['demo-vendors'],
    };
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function parsePort(option: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new UsageError(`${option} ${text}: not a port`);
  return port;
}
