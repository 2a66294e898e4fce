import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on standard output; secrets and phone numbers never leave in them. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        'token',
        'password',
        'authorization',
        'phone_number',
        '*.token',
        '*.password',
        '*.authorization',
        '*.phone_number',
      ],
      censor: '[redacted]',
    },
  });
}
