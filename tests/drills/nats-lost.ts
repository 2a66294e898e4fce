import { setTimeout as sleep } from 'node:timers/promises';
import { acceptStreams, auditOnce } from './audits.ts';
import type { Drill, DrillOptions, DrillResult } from './drill.ts';
import { createStreams, logStore, undecided, whileFrozen } from './log.ts';
import { openMarket } from './market.ts';
import { until } from './until.ts';
import { receiveWebhooks } from './webhook-receiver.ts';

/** What had been accepted and not decided is gone with the log; what was decided stands, and is announced again. */
export const natsLost: Drill = {
  name: 'nats-lost',
  what: 'NATS killed under load and all of its data destroyed; it comes back empty, PostgreSQL is kept',
  run: (options) => loseTheLog(options, 'destroyed'),
};

export const natsWentBack: Drill = {
  name: 'nats-went-back',
  what: 'NATS killed under load and started on an earlier copy of its data; PostgreSQL is kept, and ahead',
  // tests/faults/servers.fleet.test.ts has a small one.
  commandLineOnly: true,
  run: (options) => loseTheLog(options, 'earlier'),
};

/** Longer than it takes to accept some commands, shorter than a lease. */
const FROZEN_MS = 700;

async function loseTheLog(options: DrillOptions, comesBack: 'destroyed' | 'earlier'): Promise<DrillResult> {
  const { progress, sellMs } = options;
  await using market = await openMarket(options, {
    // An audit after the loss is CRITICAL, as it must be, until somebody accepts the streams.
    reconciler: 'when asked',
    localFiles: ['nats'],
  });
  const { fleet, db } = market;
  await using webhooks = await receiveWebhooks(market);
  const store = logStore(fleet);
  let accepted: readonly string[] = [];
  return await market.sellThrough(
    async () => {
      await auditOnce(fleet);
      await store.copy();
      await sleep(sellMs);
      // Frozen ledgers decide nothing, while the log goes on accepting.
      await whileFrozen(fleet.of('ledger'), async () => {
        await sleep(FROZEN_MS);
        accepted = await undecided(fleet, db);
        await fleet.nats.kill('SIGKILL');
        await fleet.nats.stop();
      });
      if (comesBack === 'earlier') store.putBack();
      else store.destroy();
      await fleet.nats.restart();
      await createStreams(fleet);
      const backAtMs = Date.now();
      progress(`NATS killed and back, ${comesBack}; ${accepted.length} accepted commands had no outcome yet`);
      await until('every lane is read under a new stream epoch', async () => {
        const { rows } = await db.query('SELECT FROM ledger.lanes WHERE stream_epoch = 1');
        return rows.length === 0;
      });
      progress(`the ledger had noticed on every lane ${Date.now() - backAtMs} ms later`);
    },
    {
      beforeProof: async () => {
        progress(await whatBecameOf(accepted, market));
        // An earlier copy has the same streams, and the report of the one audit before.
        if (comesBack === 'destroyed') await acceptStreams(fleet);
      },
      alsoCheck: async (findings) => progress(await webhooks.complete(findings)),
    },
  );
}

/** Sold once under their key by a repeat, or never executed: which of the two, their senders are told. */
async function whatBecameOf(accepted: readonly string[], { db }: { db: { query: Query } }): Promise<string> {
  const { rows } = await db.query(
    `SELECT count(*)::int AS n FROM ledger.transactions WHERE vendor_id || ' ' || message_id = ANY ($1)`,
    [accepted],
  );
  const sold = rows[0]!.n;
  return `of those ${sold} have an outcome, ${accepted.length - sold} were never executed`;
}

type Query = (text: string, values: unknown[]) => Promise<{ rows: { n: number }[] }>;
