import type { CREDIT_CALLS, Subjects, VendorView } from '@b2b-charge/contracts';
import { CallError, type CallHandlers, call, type Logger } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import type { CreditsConfig } from './config.ts';
import type { Database } from './db/schema.ts';
import { approve } from './requests/approve.ts';
import { cancel, reject } from './requests/close.ts';
import { decideMany } from './requests/decide-many.ts';
import { getRequest, listRequests } from './requests/list.ts';
import { requestCredit } from './requests/request-credit.ts';
import { setLimit } from './requests/set-limit.ts';
import { readTrail } from './requests/trail.ts';

interface CallsOptions {
  readonly db: Database;
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly config: CreditsConfig;
  readonly log: Logger;
  /** An approval may have made something to deliver. */
  readonly nudge: () => void;
}

/** The calls by name; each verb is its own file. */
export function creditsCalls(options: CallsOptions): CallHandlers<keyof typeof CREDIT_CALLS> {
  const { db, config, log, nudge } = options;
  const rules = {
    dualAbove: config.CREDIT_DUAL_APPROVAL_ABOVE,
    dailyLimit: config.CREDIT_DAILY_LIMIT,
    timeZone: config.BUSINESS_TIMEZONE,
  };
  /** Who asked for what, whatever comes of it; what came of it is in the trail. */
  const note = (event: string, asked: object) =>
    log.info({ log: 'security', event, ...asked }, 'an admin asks');
  return {
    'credits.request': async (asked) => {
      await refuseUnknownVendor(options, asked.vendor_id);
      return requestCredit(db, asked, rules);
    },
    'credits.list': (filter) => listRequests(db, filter),
    'credits.get': (wanted) => getRequest(db, wanted),
    'credits.approve': (actor, { traceparent }) => {
      note('CREDIT_APPROVAL', actor);
      return approve(db, { ...actor, traceparent }).finally(nudge);
    },
    'credits.reject': (actor) => {
      note('CREDIT_REJECTION', actor);
      return reject(db, actor);
    },
    'credits.cancel': (actor) => cancel(db, actor),
    'credits.decide-many': (many, { traceparent }) => {
      note('CREDIT_DECISIONS', many);
      return decideMany(db, { ...many, traceparent }).finally(nudge);
    },
    'credits.set-limit': (limit) => {
      note('CREDIT_LIMIT', limit);
      return setLimit(db, limit);
    },
    'credits.trail': ({ id }) => readTrail(db, id),
  };
}

/** A silent ledger does not stop anyone from asking for credit: the command would be refused later. */
async function refuseUnknownVendor({ nc, subjects }: CallsOptions, vendorId: number): Promise<void> {
  let vendor: VendorView | null;
  try {
    vendor = await call({ nc, subjects, timeoutMs: 1_000 }, 'ledger.query.vendor', { vendor_id: vendorId });
  } catch (error) {
    if (error instanceof CallError) return;
    throw error;
  }
  if (!vendor) throw new CallError('NOT_FOUND', `there is no vendor ${vendorId}`);
}
