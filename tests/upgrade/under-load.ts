import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet, FleetProcess } from '@b2b-charge/stack';
import { waitForCalm } from '../chaos/calm.ts';
import { auditFully } from '../chaos/check/audit.ts';
import { Findings } from '../chaos/check/findings.ts';
import { openDatabase } from '../chaos/check/rows.ts';
import { startBalancer } from './balancer.ts';
import { Callers, type Calls } from './callers.ts';

export interface UnderLoad {
  readonly calls: Calls;
  /** Sales that the books hold. */
  readonly charges: number;
  /** What the audit says; there must be nothing. */
  readonly findings: readonly string[];
}

interface Hands {
  readonly callers: Callers;
  /** Of the balancer. */
  readonly url: string;
  /** Waits until so many gateways are in use. */
  gatewaysServe(count: number): Promise<void>;
  /** Waits for so many more sales. Throws after 30 s. */
  sell(count: number): Promise<void>;
  /** Takes gateways out of use, as an operator does with those that do not say so themselves. */
  takeOut(gateways: readonly FleetProcess[]): Promise<void>;
}

const SELL_WITHIN_MS = 30_000;

/** Does something to a fleet while callers sell through a balancer, lets them end, and audits the books. */
export async function underLoad(
  fleet: Fleet,
  tills: number,
  work: (hands: Hands) => Promise<void>,
): Promise<UnderLoad> {
  const out = new Set<FleetProcess>();
  await using balancer = await startBalancer(() =>
    fleet
      .of('gateway')
      .filter((member) => member.process.pid !== null && !out.has(member))
      .map(({ url, process }) => ({ url, opsUrl: process.opsUrl })),
  );
  await balancer.serves(fleet.of('gateway').length);
  const callers = new Callers({ url: balancer.url, adminToken: fleet.secrets.admin.token, tills });
  await callers.open();
  const end = new AbortController();
  const running = callers.run(end.signal);
  try {
    await work({
      callers,
      url: balancer.url,
      gatewaysServe: balancer.serves,
      takeOut: async (gateways) => {
        for (const member of gateways) out.add(member);
        await balancer.serves(
          fleet.of('gateway').filter((one) => one.process.pid !== null && !out.has(one)).length,
        );
      },
      sell: async (count) => {
        const [enough, deadline] = [callers.calls.sold + count, Date.now() + SELL_WITHIN_MS];
        while (callers.calls.sold < enough) {
          if (Date.now() > deadline) throw new Error(`nothing sells: ${callers.calls.failures.join('; ')}`);
          await sleep(20);
        }
      },
    });
  } finally {
    end.abort();
  }
  const calls = await running;
  const db = openDatabase(fleet.databaseUrl);
  const nc = await fleet.connect('operator');
  try {
    await waitForCalm(db, nc);
    const findings = new Findings();
    await auditFully(fleet, findings);
    const { rows } = await db.query<{ count: string }>(
      `SELECT count(*) FROM ledger.transactions WHERE type = 'charge' AND status = 'posted'`,
    );
    return { calls, charges: Number(rows[0]!.count), findings: findings.kept.map(({ text }) => text) };
  } finally {
    await nc.close();
    await db.end();
  }
}
