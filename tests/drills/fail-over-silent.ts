import { readFileSync } from 'node:fs';
import { type Server, withDatabase } from '@b2b-charge/stack';
import { openDatabase } from '../chaos/check/rows.ts';
import { ASKED, Askers } from '../faults/askers.ts';
import { waitFor } from '../harness.ts';
import type { Drill, DrillOptions } from './drill.ts';
import { makeSynchronous, openSite, type Site } from './fail-over-site.ts';
import type { Market } from './market.ts';
import { transactionHashes } from './transaction-hashes.ts';

/**
 * The primary frozen under load with every connection open: its kernel takes what is sent to it, so TCP never finds out. The
 * address leads new connections to the promoted replica and leaves the old ones where they are.
 */
export const failOverSilent: Drill = {
  name: 'fail-over-silent',
  what: 'PostgreSQL frozen under load, its synchronous replica promoted, and nobody told that the sessions lead nowhere',
  async run(options) {
    const { progress } = options;
    await using site = await openSite(options, {
      reconciler: 'audits all the while',
      services: { ledger: 2, credits: 1, gateway: 1, reconciler: 1, webhooks: 1 },
    });
    const { market, primary, replica, address } = site;
    await makeSynchronous(site);
    const findings: string[] = [];
    const result = await market.sellThrough(async () => {
      await using askers = Askers.open(market.fleet);
      await askers.allSay(200);
      const frozen = freeze(primary);
      const frozenMs = Date.now();
      const seconds = () => ((Date.now() - frozenMs) / 1_000).toFixed(1);
      try {
        await replica.promote();
        address.lead(replica.server.url);
        progress(
          `frozen, with ${frozen.length} processes; new connections find the replica after ${seconds()} s`,
        );
        const again = ASKED.map(async (service) => {
          await askers.says(service, 200);
          return `${service} ${seconds()} s`;
        });
        progress(`asked without end, answered again after: ${(await Promise.all(again)).join(', ')}`);
        await soldSince(frozenMs, market);
        progress(`sold again after ${seconds()} s`);
      } finally {
        // As the document has it: who was left alone is shut off before it may come back. What was sent to it is there.
        address.shutOff(primary.url);
        for (const pid of frozen) process.kill(pid, 'SIGCONT');
      }
      findings.push(...(await awake(site, options)));
      for (const status of askers.statuses)
        if (status !== 200 && status !== 503) findings.push(`somebody was answered ${status}`);
    });
    return { ...result, findings: [...result.findings, ...findings] };
  },
};

/** Stops all of a server's processes, the one first that makes them; returns their numbers. */
function freeze({ pid }: Server): number[] {
  process.kill(pid!, 'SIGSTOP');
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  for (const child of children) process.kill(child, 'SIGSTOP');
  return [pid!, ...children];
}

/** Until a sale is posted that began since. */
const soldSince = (ms: number, { load }: Market): Promise<void> =>
  waitFor(
    () => load.book.claims.some(({ openedAtMs, told }) => openedAtMs > ms && told?.outcome === 'posted'),
    60_000,
  );

/** What the old primary has been sent and makes of it, and whether anything stands there that the new one lacks. */
async function awake({ market, primary, replica }: Site, { progress }: DrillOptions): Promise<string[]> {
  const old = openDatabase(withDatabase(primary.url, new URL(market.fleet.databaseUrl).pathname.slice(1)));
  const promoted = openDatabase(replica.of(market.fleet.databaseUrl));
  try {
    let left = { busy: 1, idle: 0, waiting: 0 };
    const look = async () => {
      const { rows } = await old.query<typeof left>(
        `SELECT count(*) FILTER (WHERE state = 'active' AND wait_event IS DISTINCT FROM 'SyncRep')::int AS busy,
           count(*) FILTER (WHERE state <> 'active')::int AS idle,
           count(*) FILTER (WHERE wait_event = 'SyncRep')::int AS waiting
         FROM pg_stat_activity WHERE usename LIKE 'b2b\\_%'`,
      );
      left = rows[0]!;
      return left.busy === 0;
    };
    await waitFor(look, 20_000);
    const there = await transactionHashes(old);
    const here = await transactionHashes(promoted);
    const alone = [...there].filter(([id, hash]) => here.get(id) !== hash);
    progress(
      `the old primary awake: ${left.waiting} commits wait for its replica, ${left.idle} sessions idle, ${alone.length} transactions that the new one lacks`,
    );
    return alone.map(([id]) => `only on the old primary: ${id}`);
  } finally {
    await Promise.all([old.end(), promoted.end()]);
  }
}
