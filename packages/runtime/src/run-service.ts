import { ConfigError } from './config.ts';
import type { DatabaseSettings } from './database-settings.ts';
import { logFolder } from './logs/line-log.ts';
import { createLogger, type Logger } from './logs/logger.ts';
import type { SchemaMigrations } from './migrate.ts';
import { requireSchema, SchemaTooOldError } from './require-schema.ts';
import { requireTimeOuts, TimeOutsDifferError } from './require-time-outs.ts';

const LAST_RESORT_MS = 10_000;

type Settings = { LOG_LEVEL: string } & DatabaseSettings & Parameters<typeof logFolder>[0];

interface ServiceDefinition<C extends Settings> {
  /** Its schema's name, too. */
  readonly name: string;
  /** What its schema must hold before it starts. */
  readonly migrations: SchemaMigrations['migrations'];
  /** Throws ConfigError. */
  parseConfig(env: NodeJS.ProcessEnv): C;
  /** Builds and starts; what it returns is disposed on SIGTERM or SIGINT. */
  start(config: C, log: Logger): Promise<AsyncDisposable>;
  /** How long it goes on serving after the signal. */
  drainMs?(config: C): number;
}

/**
 * The life of a service process: settings, schema, start, wait for a signal, orderly end. A bad setting is named on standard
 * error and ends the process with status 2; an older schema or a failed start with 1; so does an end that takes longer
 * than 10 s beyond its drain.
 */
export async function runService<C extends Settings>(definition: ServiceDefinition<C>): Promise<void> {
  const { name, migrations } = definition;
  let config: C;
  try {
    config = definition.parseConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${name}: bad configuration\n${error.message.replace(/^/gm, '  ')}\n`);
    process.exitCode = 2;
    return;
  }
  const log = createLogger(name, config.LOG_LEVEL, logFolder(config));
  const ending = Promise.withResolvers<string>();
  const told = new AbortController();
  void ending.promise.then(() => told.abort());
  process.once('SIGTERM', () => ending.resolve('SIGTERM'));
  process.once('SIGINT', () => ending.resolve('SIGINT'));
  try {
    await requireSchema(config.DATABASE_URL, { schema: name, migrations }, { log, signal: told.signal });
    if (!told.signal.aborted) await requireTimeOuts(config);
    if (told.signal.aborted) return log.info('stopped before it had started');
    const service = await definition.start(config, log);
    log.info('started');
    const reason = await ending.promise;
    log.info({ reason }, 'stopping');
    setTimeout(
      () => {
        log.fatal('did not stop in time');
        process.exit(1);
      },
      LAST_RESORT_MS + (definition.drainMs?.(config) ?? 0),
    ).unref();
    await service[Symbol.asyncDispose]();
    log.info('stopped');
  } catch (error) {
    if (error instanceof SchemaTooOldError || error instanceof TimeOutsDifferError) log.fatal(error.message);
    else log.fatal({ err: error }, 'failed');
    process.exitCode = 1;
    setTimeout(() => process.exit(1), 1_000).unref();
  }
}
