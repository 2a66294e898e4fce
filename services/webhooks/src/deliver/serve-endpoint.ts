import type { Logger } from '@b2b-charge/runtime';
import type { Database } from '../db/database.ts';
import { type PauseRules, pauseAfter, retryAfterMs } from '../domain/pauses.ts';
import { parseEndpointUrl, type UrlRules } from '../domain/url-rules.ts';
import type { WebhookMetrics } from '../metrics.ts';
import { unseal } from '../secrets/seal.ts';
import { signedHeaders } from '../secrets/sign.ts';
import { type Attempt, type PostOptions, post } from '../send/post.ts';
import { activeSecrets, type Claimed, type Due, nextDelivery } from './claim.ts';
import { failuresOf, settle, type Verdict } from './settle.ts';

export interface ServeOptions {
  readonly db: Database;
  readonly log: Logger;
  readonly keys: readonly Buffer[];
  readonly post: Omit<PostOptions, 'signal'>;
  readonly urls: UrlRules;
  readonly pauses: PauseRules;
  readonly disableAfterMs: number;
  readonly leaseMs: number;
  readonly metrics: Pick<WebhookMetrics, 'attempted' | 'settled'>;
}

/** Deliveries and time for one endpoint before it goes to the end of the queue. */
const TURN_DELIVERIES = 100;
const TURN_MS = 5_000;

/** Delivers what waits for an endpoint, one after the other, until it fails, is done or has had its turn. */
export async function serveEndpoint(
  options: ServeOptions,
  claimed: Claimed,
  signal: AbortSignal,
): Promise<void> {
  const { db, log, leaseMs, metrics, disableAfterMs } = options;
  const until = Date.now() + TURN_MS;
  for (let count = 0; count < TURN_DELIVERIES && Date.now() < until && !signal.aborted; count++) {
    const due = await nextDelivery(db, claimed, leaseMs);
    if (!due) return;
    const startedAt = performance.now();
    const attempt = await send(options, claimed, due, signal);
    // Broken off by us, which says nothing about the endpoint: whoever comes next sends it again.
    if (signal.aborted && attempt.kind !== 'answered') return;
    const verdict = await judge(options, claimed, attempt);
    const settled = await settle(db, claimed, due, verdict, { disableAfterMs });
    metrics.attempted(resultOf(attempt), (performance.now() - startedAt) / 1_000);
    if (settled === 'delivered' || settled === 'dead') {
      metrics.settled(settled, (Date.now() - due.created_ms) / 1_000);
    }
    if (settled !== 'delivered') {
      const about = { webhook: claimed.id, vendor: claimed.vendor_id, event: due.event_id, settled };
      return log.info({ ...about, result: resultOf(attempt) }, 'a webhook was not delivered');
    }
  }
}

async function send(
  { db, keys, urls, post: how }: ServeOptions,
  { id }: Claimed,
  due: Due,
  signal: AbortSignal,
): Promise<Attempt> {
  // The settings may have become stricter since the endpoint was made.
  const parsed = parseEndpointUrl(due.url, urls);
  if (typeof parsed === 'string') return { kind: 'blocked', error: parsed };
  const secrets = (await activeSecrets(db, id)).map((sealed) => unseal(sealed, id, keys));
  const signed = signedHeaders(secrets, {
    id: due.event_id,
    timestampS: Math.floor(Date.now() / 1_000),
    body: due.body,
  });
  const headers = { ...signed, 'content-type': 'application/json', 'user-agent': 'b2b-charge-webhooks/1' };
  return post(due.url, { headers, body: due.body }, { ...how, signal });
}

async function judge({ db, pauses }: ServeOptions, claimed: Claimed, attempt: Attempt): Promise<Verdict> {
  const status = attempt.kind === 'answered' ? attempt.status : null;
  if (status !== null && status >= 200 && status < 300) return { kind: 'delivered', status };
  const error = attempt.kind === 'answered' ? `answered ${status}` : attempt.error;
  if (status === 410) return { kind: 'gone', status, error };
  const wished = attempt.kind === 'answered' ? retryAfterMs(attempt.retryAfter, Date.now()) : null;
  const failures = (await failuresOf(db, claimed)) + 1;
  const pauseMs = pauseAfter(failures, pauses, { random: Math.random(), retryAfterMs: wished });
  return { kind: 'again', status, error, pauseMs };
}

function resultOf(attempt: Attempt): string {
  return attempt.kind === 'answered' ? `${Math.floor(attempt.status / 100)}xx` : attempt.kind;
}
