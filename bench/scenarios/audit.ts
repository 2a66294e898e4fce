import { parseConfig } from '../../services/reconciler/src/config.ts';
import { openTools } from '../../services/reconciler/src/run/open-tools.ts';
import { runAudit } from '../../services/reconciler/src/run/run-audit.ts';
import { costs } from '../harness/measure.ts';
import { Meter } from '../harness/meter.ts';
import type { Scenario } from './scope.ts';

const NATS_WAIT_MS = 10_000;

/** One full audit of the history, before anything is sold on top of it: the command log holds none of its commands. */
export const audit: Scenario = {
  name: 'audit',
  about: 'full audit of the history, by one worker and by as many as the reconciler has',
  async run({ stage, services, progress }) {
    // A ledger makes the lanes, by which the audit knows that the history's log is an earlier one.
    await services.want({ ledgers: 1, gateways: 0 });
    await services.want({ ledgers: 0, gateways: 0 });
    // The history's credits have no requests.
    const trusted = { CREDIT_SOURCES: 'credits,gateway' };
    const config = parseConfig({ ...stage.fleet.environment('reconciler'), ...trusted });
    await using tools = await openTools(config, NATS_WAIT_MS);
    const figures = [];
    for (const workers of new Set([1, tools.workers])) {
      await using meter = await Meter.open(stage);
      await meter.begin(process.pid);
      const startedAt = performance.now();
      const { run, findings } = await runAudit(
        { ...tools, workers },
        { mode: 'full', vendorId: null, since: null, trigger: 'cli', startedBy: 'bench', dryRun: true },
      );
      const seconds = (performance.now() - startedAt) / 1_000;
      const rows = run.transactions_checked;
      progress(`audit: ${rows.toLocaleString('en')} transactions in ${seconds.toFixed(1)} s`);
      const { cpuUsPerCharge } = costs(await meter.end(), rows);
      figures.push({
        scenario: `audit-${workers}`,
        group: 'audit',
        title: `full audit, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
        auditedPerS: rows / seconds,
        cpuUsPerCharge: cpuUsPerCharge!,
        notes: [],
        discrepancies: findings
          .slice(0, 3)
          .map(({ message, expected, found }) => `${message}: ${expected}, ${found}`),
      });
    }
    return figures;
  },
};
