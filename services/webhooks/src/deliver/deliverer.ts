import type { Logger } from '@b2b-charge/runtime';
import { type Claimed, claimEndpoints } from './claim.ts';
import { type ServeOptions, serveEndpoint } from './serve-endpoint.ts';
import { release } from './settle.ts';

export interface Deliverer extends AsyncDisposable {
  /** Something may be due: look now rather than at the next round. */
  nudge(): void;
}

interface DelivererOptions extends ServeOptions {
  /** Endpoints served at once. */
  readonly concurrency: number;
  readonly pollMs: number;
}

/** Serves the endpoints whose time has come, each by one hand at a time, as many at once as there are hands. */
export function startDeliverer(options: DelivererOptions): Deliverer {
  const { db, log, concurrency, pollMs, leaseMs } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const hands = new Set<Promise<void>>();
  let wake = Promise.withResolvers<void>();

  const serve = async (claimed: Claimed) => {
    try {
      await serveEndpoint(options, claimed, signal);
    } catch (error) {
      log.error({ err: error, webhook: claimed.id }, 'serving a webhook failed');
    }
    await release(db, claimed).catch((error: Error) => warn(log, error, 'a webhook was not released'));
  };
  const claim = (atMost: number) =>
    claimEndpoints(db, atMost, leaseMs).catch((error: Error) => {
      warn(log, error, 'no webhooks claimed');
      return [];
    });
  const loop = (async () => {
    while (!signal.aborted) {
      const timer = setTimeout(() => wake.resolve(), pollMs);
      const free = concurrency - hands.size;
      const claimed = free > 0 ? await claim(free) : [];
      for (const one of claimed) {
        const hand = serve(one).finally(() => {
          hands.delete(hand);
          wake.resolve();
        });
        hands.add(hand);
      }
      await wake.promise;
      clearTimeout(timer);
      wake = Promise.withResolvers();
    }
    await Promise.all(hands);
  })();
  return {
    nudge: () => wake.resolve(),
    [Symbol.asyncDispose]: () => {
      stopping.abort();
      wake.resolve();
      return loop;
    },
  };
}

const warn = (log: Logger, error: Error, text: string): void => log.warn({ err: error }, text);
