import { SERVICES, type ServiceName } from '@b2b-charge/contracts';
import { commonSettings, DEFAULT_STREAM_LIMITS, databaseUrl, natsSettings } from '@b2b-charge/runtime';
import { z } from 'zod';

const { NAMESPACE } = commonSettings;
const { NATS_URL, NATS_NKEY_SEED, ...natsTls } = natsSettings;
type PasswordName = `${Uppercase<ServiceName>}_DATABASE_PASSWORD`;
const passwordName = (service: ServiceName) => `${service.toUpperCase()}_DATABASE_PASSWORD` as PasswordName;
const passwords = Object.fromEntries(
  SERVICES.map((service) => [
    passwordName(service),
    z.string().optional().describe(`Password of the role b2b_${service}; not given, it keeps the one it has`),
  ]),
) as Record<PasswordName, z.ZodOptional<z.ZodString>>;

export const migrateSettings = z.object({
  DATABASE_URL: databaseUrl.describe('The database, as its owner (who may create roles)'),
  ...passwords,
  NATS_URL: NATS_URL.optional().describe('Servers of NATS; unset: the streams are left alone'),
  NATS_NKEY_SEED: NATS_NKEY_SEED.describe("The NATS user `operator`'s nkey seed"),
  ...natsTls,
  NAMESPACE,
  STREAM_REPLICAS: z.coerce
    .number()
    .int()
    .min(1)
    .max(5)
    .default(DEFAULT_STREAM_LIMITS.replicas)
    .describe('Copies of each stream: 1, or 3 in a cluster'),
});

/** The passwords given, by service. */
export function rolePasswords(settings: z.output<typeof migrateSettings>): Record<string, string> {
  const given = SERVICES.map((service) => [service, settings[passwordName(service)]] as const);
  return Object.fromEntries(given.filter((entry): entry is [ServiceName, string] => entry[1] !== undefined));
}
