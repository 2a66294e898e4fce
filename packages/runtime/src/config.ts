import { MONEY_PROBLEMS, moneyProblem, parseMoney } from '@b2b-charge/contracts';
import { z } from 'zod';
import { readFileSettings } from './file-settings.ts';

const pem = z.string().startsWith('-----BEGIN ').optional();

/** A whole number between two bounds, both included. */
export const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

/** "a, b,c": what stands between the commas, without empty parts. */
export const commaSeparated = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);

/** A key of 32 random bytes in base64. */
export const secretKey = z.string().transform((text, context) => {
  const key = Buffer.from(text, 'base64');
  if (key.length !== 32) context.addIssue('32 random bytes in base64');
  return key;
});

/** How a service reaches NATS, and as whom. */
export const natsSettings = {
  NATS_URL: z.string().min(1).describe('Servers of NATS, separated by commas'),
  NATS_NKEY_SEED: z.string().startsWith('SU').optional().describe("The service's own NATS user (nkey seed)"),
  NATS_TLS_CA: pem.describe(
    'Certificate of the authority that vouches for the NATS server (PEM; NATS_TLS_CA_FILE names a file). With it, TLS is a must',
  ),
  NATS_TLS_CERT: pem.describe('Certificate of this service, for a NATS server that asks for one (PEM)'),
  NATS_TLS_KEY: pem.describe('Key of that certificate (PEM)'),
};

/** What every service reads from its environment. */
export const commonSettings = {
  ...natsSettings,
  NAMESPACE: z
    .string()
    .regex(/^[a-z0-9]{0,32}$/)
    .default('')
    .describe('Prefix of all subjects, streams and Redis keys, for several systems on one server'),
  CURRENCY: z
    .string()
    .regex(/^[A-Z]{3}$/, 'three capital letters, such as IRT')
    .default('IRT')
    .describe('Currency of all amounts, three letters as in ISO 4217; the same in every service'),
  OPS_HOST: z.string().default('127.0.0.1').describe('Address of the health and metrics port'),
  OPS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('Port of /live, /ready and /metrics; 0 takes a free one'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least severe level that is logged'),
  LOG_DIR: z
    .string()
    .optional()
    .describe(
      'Folder for application.log, transactions.log, security.log and error.log, beside standard output',
    ),
  LOG_FILE_BYTES: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(4_294_967_296)
    .default(67_108_864)
    .describe('Size beyond which a log file is put aside as .1, .2 and so on'),
  LOG_FILES: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(10)
    .describe('Log files of each kind that are put aside and kept'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url()
    .optional()
    .describe(
      'Collector that traces are sent to (OTLP over HTTP, such as http://collector:4318); none without it',
    ),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(0.01)
    .describe(
      "Share of requests that are traced; a request that carries a trace of its caller's goes by that",
    ),
};

export type CommonSettings = z.output<z.ZodObject<typeof commonSettings>>;

/** An amount or zero; out come minor units. */
export const amountSetting = z.string().transform((text, context) => {
  const minor = parseMoney(text);
  if (minor === null) context.addIssue(MONEY_PROBLEMS[moneyProblem(text, { zero: true })!]);
  return minor ?? 0n;
});

export const redisUrl = z.string().regex(/^rediss?:\/\//, 'a redis:// URL');

/** A time zone that this Node knows. */
export const timeZone = z.string().refine((name) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}, 'a time zone such as Asia/Tehran');

export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * Parses an environment; empty variables count as unset, and `NAME_FILE` names a file that holds the setting `NAME`.
 * Throws ConfigError naming every bad variable.
 */
export function parseSettings<S extends z.ZodObject>(
  schema: S,
  env: Record<string, string | undefined>,
): z.output<S> {
  const { values, problems } = readFileSettings(Object.keys(schema.shape), env);
  const own = Object.entries(env).filter(([, value]) => value !== undefined && value !== '');
  const given = { ...Object.fromEntries(own), ...values };
  const result = schema.safeParse(given);
  if (result.success && problems.length === 0) return result.data;
  const issues = result.success ? [] : result.error.issues;
  const lines = issues.map((issue) => {
    const name = issue.path.join('.') || '(settings)';
    // What does not hold between settings is said of one that may be at its default.
    if (name in given || issue.code === 'custom') return `${name}: ${issue.message}`;
    // Its file was named, and could not be read: that is the one thing to say.
    return problems.some((problem) => problem.startsWith(`${name}_FILE: `)) ? '' : `${name}: is missing`;
  });
  throw new ConfigError([...problems, ...lines.filter((line) => line !== '')].join('\n'));
}
