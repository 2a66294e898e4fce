import type { Logger } from '@b2b-charge/runtime';
import { claimOwed } from './claim.ts';
import { type DeliverOptions, deliver } from './deliver.ts';

/** Credits in flight at once. */
const BATCH = 32;

export interface Sweeper extends AsyncDisposable {
  /** Something may be owed: look now rather than at the next round. */
  nudge(): void;
}

interface SweeperOptions extends DeliverOptions {
  readonly everyMs: number;
}

/** Delivers what is owed to the ledger, as soon as it is nudged and every so often for what was left behind. */
export function startSweeper(options: SweeperOptions): Sweeper {
  const { log, everyMs } = options;
  let ended = false;
  let wake = Promise.withResolvers<void>();
  const loop = (async () => {
    while (!ended) {
      const timer = setTimeout(() => wake.resolve(), everyMs);
      const busy = await round(options, log);
      if (!busy) await wake.promise;
      clearTimeout(timer);
      wake = Promise.withResolvers();
    }
  })();
  return {
    nudge: () => wake.resolve(),
    async [Symbol.asyncDispose]() {
      ended = true;
      wake.resolve();
      await loop;
    },
  };
}

/** Whether there may be more. */
async function round(options: SweeperOptions, log: Logger): Promise<boolean> {
  try {
    // The lease outlives the wait, so that nobody takes up what is still being waited for.
    const owed = await claimOwed(options.db, BATCH, options.waitMs + 5_000);
    const results = await Promise.allSettled(owed.map((one) => deliver(options, one)));
    for (const result of results) {
      if (result.status === 'rejected') log.error({ err: result.reason }, 'delivery failed');
    }
    return owed.length === BATCH;
  } catch (error) {
    log.warn({ err: error }, 'sweep failed');
    return false;
  }
}
