import { runRollingRestart } from '../upgrade/rolling-restart.ts';
import type { Drill } from './drill.ts';

/** Every process restarted under load, behind a balancer that never tries a request again. */
export const rollingRestart: Drill = {
  name: 'rolling-restart',
  what: 'two ledgers, credits and gateways are restarted one after the other while clients sell; no request may fail',
  async run({ progress }) {
    const { calls, charges, findings } = await runRollingRestart({
      tills: 4,
      services: { ledger: 2, credits: 2, backoffice: 2, gateway: 2 },
      progress,
    });
    progress(`${calls.sold} sales, ${calls.failures.length} failed requests`);
    return {
      lost: Math.max(0, calls.sold - charges),
      doubled: Math.max(0, charges - calls.sold),
      longestPauseMs: calls.longestMs,
      audit: findings.length === 0 ? 'clean' : `${findings.length} findings`,
      findings: [...calls.failures, ...findings],
    };
  },
};
