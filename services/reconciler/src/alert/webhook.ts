import type { AuditRun, Finding } from '@b2b-charge/contracts';
import type { Logger } from '@b2b-charge/runtime';

const ATTEMPTS = 3;
const TIMEOUT_MS = 5_000;
const FINDINGS = 20;

/** Tells the webhook of a critical audit; tries three times, then leaves it to the metrics and the log. */
export async function alertWebhook(
  url: string,
  { run, findings }: { run: AuditRun; findings: readonly Finding[] },
  log: Logger,
): Promise<boolean> {
  const body = JSON.stringify({
    event: 'audit.critical',
    run,
    findings: findings.filter((found) => found.level === 'CRITICAL').slice(0, FINDINGS),
  });
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (response.ok) return true;
      log.warn({ status: response.status, attempt }, 'the alert webhook refused');
    } catch (error) {
      log.warn({ err: error, attempt }, 'the alert webhook does not answer');
    }
    await new Promise((done) => setTimeout(done, attempt * 500));
  }
  return false;
}
