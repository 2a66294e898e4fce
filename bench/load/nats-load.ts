import { LedgerClient } from '@b2b-charge/client';
import {
  contentType,
  createSubjects,
  DEFAULT_LANES,
  HEADERS,
  inboxPrefix,
  laneOf,
  type MessageId,
  type VendorId,
} from '@b2b-charge/contracts';
import { connectNats } from '@b2b-charge/runtime';
import { createInbox, headers } from '@nats-io/transport-node';
import { createCharges } from './charges.ts';
import type { FillPlan, LoadMessage, LoadResult, WindowPlan } from './plan.ts';
import { Tally } from './tally.ts';

const HOUR_MS = 3_600_000;
const WAIT_MS = 30_000;
const SOURCE = 'gateway';

/** An internal system: publishes through the client package and waits for outcomes, so many at once. */
export async function runWindow(plan: WindowPlan, tell: (message: LoadMessage) => void): Promise<LoadResult> {
  const nc = await connectNats({ user: SOURCE, url: plan.natsUrl, nkeySeed: plan.nkeySeed });
  const client = new LedgerClient({
    nc,
    subjects: createSubjects(),
    source: SOURCE,
    clientId: `bench-${process.pid}`,
    lanes: DEFAULT_LANES,
    maxInFlight: plan.window,
  });
  const charge = createCharges(plan);
  const tally = new Tally();
  let next = 0;
  let stopped = false;
  const worker = async () => {
    while (!stopped) {
      const n = next++;
      const { vendorId, phoneNumber, key } = charge(n);
      const from = performance.now();
      tally.sent++;
      const outcome = await client
        .send({
          vendorId: vendorId as VendorId,
          messageId: key as MessageId,
          command: { type: 'charge', phone_number: phoneNumber, amount: plan.amount },
          waitMs: WAIT_MS,
          deadlineMs: WAIT_MS,
        })
        .catch((error: Error) => error);
      const at = { from, now: performance.now() };
      if (outcome instanceof Error) {
        tally.odd(outcome.message);
        tally.answered(outcome.name === 'PendingError' ? 'pending' : 'failed', at);
      } else if (outcome.outcome === 'posted') {
        tally.sold(n);
        tally.answered(outcome.replayed ? 'replayed' : 'sold', at);
      } else tally.answered(outcome.outcome === 'rejected' ? 'rejected' : 'failed', at);
    }
  };
  const workers = Array.from({ length: plan.window }, worker);
  await after(plan.warmupMs);
  tally.begin(performance.now());
  tell({ kind: 'measuring' });
  await after(plan.measureMs);
  tally.end(performance.now());
  tell({ kind: 'measured' });
  stopped = true;
  await Promise.all(workers);
  await client[Symbol.asyncDispose]();
  await nc.close();
  return tally.result();
}

/** Publishes a number of commands, at most `window` of them not yet acknowledged by the log. */
export async function runFill(plan: FillPlan, tell: (message: LoadMessage) => void): Promise<LoadResult> {
  const nc = await connectNats({ user: SOURCE, url: plan.natsUrl, nkeySeed: plan.nkeySeed });
  const subjects = createSubjects();
  const charge = createCharges(plan);
  const tally = new Tally();
  const done = Promise.withResolvers<void>();
  const inbox = createInbox(inboxPrefix(SOURCE));
  const sentAt = new Float64Array(plan.count);
  const expiresAt = new Date(Date.now() + HOUR_MS).toISOString();
  let acked = 0;
  let wake = () => {};
  nc.subscribe(`${inbox}.*`, {
    callback: (_error, message) => {
      const n = Number(message.subject.slice(inbox.length + 1));
      const accepted = !message.string().includes('"error"');
      if (!accepted) tally.odd(message.string());
      tally.answered(accepted ? 'pending' : 'refused', { from: sentAt[n]!, now: performance.now() });
      if (++acked === plan.count) done.resolve();
      wake();
    },
  });
  tally.begin(performance.now());
  tell({ kind: 'measuring' });
  for (let n = 0; n < plan.count; n++) {
    const { vendorId, phoneNumber, key } = charge(n);
    const head = headers();
    head.set(HEADERS.messageId, key);
    head.set(HEADERS.replyToken, `bench-fill.${n.toString(36)}`);
    head.set(HEADERS.expiresAt, expiresAt);
    head.set(HEADERS.contentType, contentType('charge.v1'));
    sentAt[n] = performance.now();
    tally.sent++;
    const body = JSON.stringify({ phone_number: phoneNumber, amount: plan.amount });
    nc.publish(subjects.command(laneOf(vendorId, DEFAULT_LANES), SOURCE, vendorId), body, {
      headers: head,
      reply: `${inbox}.${n}`,
    });
    if (n - acked >= plan.window) await new Promise<void>((resolve) => (wake = resolve));
  }
  await done.promise;
  tally.end(performance.now());
  tell({ kind: 'measured' });
  await nc.close();
  return tally.result();
}

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
