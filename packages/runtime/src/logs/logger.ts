import { type Logger, pino } from 'pino';
import { LineLog, type LogFolder } from './line-log.ts';
import { redact } from './redact.ts';
import { standardOutput } from './standard-output.ts';

export type { Logger } from 'pino';

const ERROR_LEVEL = 50;

/**
 * JSON lines on standard output and, where there is a folder, in application.log, and from level error on in error.log;
 * lines with `log: 'transactions'` or `'security'` go to those files. Secrets and phone numbers never leave in them.
 */
export function createLogger(service: string, level: string, logs?: LogFolder): Logger {
  const files = logs?.folder === undefined ? null : openFiles(logs);
  const output = standardOutput();
  const stream = {
    write(line: string) {
      const clean = redact(line.trimEnd());
      output.write(clean);
      if (!files) return;
      files.application.writeLine(clean);
      if (levelOf(clean) >= ERROR_LEVEL) files.error.writeLine(clean);
      if (clean.includes('"log":"transactions"')) files.transactions.writeLine(clean);
      if (clean.includes('"log":"security"')) files.security.writeLine(clean);
    },
  };
  return pino(
    { level, base: { service, pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    stream,
  );
}

const openFiles = (logs: LogFolder) => ({
  application: new LineLog('application', logs),
  error: new LineLog('error', logs),
  transactions: new LineLog('transactions', logs),
  security: new LineLog('security', logs),
});

/** pino puts the level first. */
const levelOf = (line: string): number => Number(/^\{"level":(\d+)/.exec(line)?.[1] ?? 0);
