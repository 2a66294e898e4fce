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
  /** Of the back office's balancer. */
  readonly adminUrl: string;
  /** Waits until so many gateways are in use. */
  gatewaysServe(count: number): Promise<void>;
  /** Waits for so many more sales. Throws after 30 s. */
  sell(count: number): Promise<void>;
  /** Takes gateways, or processes of the back office, out of use, as an operator does with those that do not say so themselves. */
  takeOut(members: readonly FleetProcess[]): Promise<void>;
}

const SELL_WITHIN_MS = 30_000;

/** Does something to a fleet while callers sell through a balancer, lets them end, and audits the books. */
export async function underLoad(
  fleet: Fleet,
  tills: number,
  work: (hands: Hands) => Promise<void>,
): Promise<UnderLoad> {
  const out = new Set<FleetProcess>();
  const left = (service: 'gateway' | 'backoffice') =>
    fleet.of(service).filter((member) => member.process.pid !== null && !out.has(member));
  const over = (service: 'gateway' | 'backoffice') =>
    startBalancer(() => left(service).map(({ url, process }) => ({ url, opsUrl: process.opsUrl })));
  await using gateways = await over('gateway');
  await using backoffice = await over('backoffice');
  await gateways.serves(fleet.of('gateway').length);
  await backoffice.serves(fleet.of('backoffice').length);
  const callers = new Callers({
    url: gateways.url,
    adminUrl: backoffice.url,
    adminToken: fleet.secrets.admin.token,
    tills,
  });
  await callers.open();
  const end = new AbortController();
  const running = callers.run(end.signal);
  try {
    await work({
      callers,
      url: gateways.url,
      adminUrl: backoffice.url,
      gatewaysServe: async (count) => {
        await gateways.serves(count);
        await backoffice.serves(left('backoffice').length);
      },
      takeOut: async (members) => {
        for (const member of members) out.add(member);
        for (const [service, balancer] of [
          ['gateway', gateways],
          ['backoffice', backoffice],
        ] as const)
          await balancer.serves(left(service).length);
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
