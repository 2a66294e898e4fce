import path from 'node:path';
import type { ServiceName } from '@b2b-charge/contracts';
import { asService } from '../servers/database-url.ts';
import type { StackSecrets } from './secrets.ts';

export interface ServiceSurroundings {
  /** The database, as its owner. */
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly natsIsOurs: boolean;
  readonly redisUrl: string;
  readonly secrets: StackSecrets;
  /** Of the HTTP API, of a service that has one. */
  readonly httpPort: number;
  readonly opsPort: number;
  readonly logDir: string;
  /** The caller's environment, which may hold further settings of the services. */
  readonly inherited: NodeJS.ProcessEnv;
}

/** A service's whole environment: what the caller's holds, under the settings of the stack. */
export const serviceEnvironment = (
  service: ServiceName,
  given: ServiceSurroundings,
): Record<string, string> => ({
  ...defined(given.inherited),
  ...serviceSettings(service, given),
});

/** The one place that says how a local stack configures a service. */
export function serviceSettings(service: ServiceName, given: ServiceSurroundings): Record<string, string> {
  const { secrets } = given;
  return defined({
    DATABASE_URL: asService(given.databaseUrl, service, secrets.roles),
    NATS_URL: given.natsUrl,
    // A NATS server given by URL does not know the users that we made.
    NATS_NKEY_SEED: given.natsIsOurs ? secrets.nats[service] : given.inherited.NATS_NKEY_SEED,
    REDIS_URL: given.redisUrl,
    LOG_DIR: given.logDir,
    OPS_HOST: '127.0.0.1',
    OPS_PORT: String(given.opsPort),
    // Sources are stripped of their types once, not at every start: half the time to start, and 25 MB less in memory.
    NODE_COMPILE_CACHE:
      given.inherited.NODE_COMPILE_CACHE ?? path.join(path.dirname(given.logDir), 'compile-cache'),
    ...(service === 'gateway' || service === 'backoffice'
      ? { HOST: '127.0.0.1', PORT: String(given.httpPort), REDIS_SEAL_KEY: secrets.redisSealKey }
      : {}),
    ...(service === 'backoffice' ? { ADMIN_BOOTSTRAP_TOKEN: secrets.admin.token } : {}),
    ...(service === 'ledger' ? { PHONE_SALT_KEY: secrets.phoneSaltKey } : {}),
    ...(service === 'webhooks' ? webhooksSettings(given) : {}),
    ...(service === 'reconciler'
      ? { SIGNING_KEY_FILE: path.join(path.dirname(given.logDir), 'reconciler-key.pem') }
      : {}),
  });
}

const defined = (variables: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );

/** On the developer's own machine a webhook may go to the machine itself. */
function webhooksSettings({ secrets }: ServiceSurroundings) {
  return {
    WEBHOOK_SECRET_KEY: secrets.webhookKey,
    WEBHOOK_ALLOW_HTTP: 'true',
    WEBHOOK_PORTS: '1-65535',
    WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8,::1/128',
  };
}
