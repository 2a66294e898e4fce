import { createStartOfDay } from '@b2b-charge/http/business-time';
import { createFields } from '@b2b-charge/http/fields';
import { createPhoneParser } from '@b2b-charge/http/phones/phone-parser';
import { Seal } from '@b2b-charge/http/seal';
import type { Redis } from 'ioredis';
import type { Backoffice } from '../backoffice.ts';
import type { BackofficeConfig } from '../config.ts';
import type { Desk } from './desk.ts';
import type { Feed } from './feed/feed.ts';
import { SalesToday } from './pages/home/sales-today.ts';
import { createFormats } from './parts/formats.ts';
import { LockOut } from './session/lock-out.ts';
import { Sessions } from './session/sessions.ts';
import { SignInDesk } from './session/sign-in.ts';

/** Puts together what the console's pages work with. */
export function createDesk(
  backoffice: Backoffice,
  config: BackofficeConfig,
  { redis, prefix, feed }: { redis: Redis; prefix: string; feed: Feed },
): Desk {
  const { BUSINESS_TIMEZONE: timeZone, CURRENCY: currency } = config;
  const written = { timeZone, currency, now: backoffice.now };
  const formats = { en: createFormats('en', written), fa: createFormats('fa', written) };
  const lockOut = new LockOut({
    redis,
    prefix,
    failures: config.CONSOLE_SIGN_IN_FAILURES,
    firstWaitMs: config.CONSOLE_LOCK_OUT_S * 1_000,
  });
  const sessions = new Sessions({
    redis,
    seal: new Seal(config.REDIS_SEAL_KEY),
    prefix,
    idleMs: config.CONSOLE_IDLE_MINUTES * 60_000,
    maxMs: config.CONSOLE_SESSION_HOURS * 3_600_000,
    now: backoffice.now,
  });
  const startOfDay = createStartOfDay(config.BUSINESS_TIMEZONE);
  const fields = createFields({
    parsePhone: createPhoneParser(config.DEFAULT_REGION),
    startOfDay,
  });
  return {
    backoffice,
    fields,
    salesToday: new SalesToday(backoffice, { timeZone: config.BUSINESS_TIMEZONE, startOfDay }),
    feed,
    sessions,
    signIn: new SignInDesk(backoffice.db, lockOut, config.CONSOLE_PASSWORD_COST),
    formats: (locale) => formats[locale],
  };
}
