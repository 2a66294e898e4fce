import { AGAIN_MS } from '../lanes/announce-again.ts';
import { UsageError } from './usage-error.ts';

/** With its time zone: a time of the operator's own clock would be another one than was meant. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** The time to announce again from, ms. Throws UsageError. */
export function parseSince(text: string | undefined, nowMs = Date.now()): number {
  const sinceMs = INSTANT.test(text ?? '') ? Date.parse(text!) : Number.NaN;
  if (Number.isNaN(sinceMs))
    throw new UsageError('--since TIME is needed, with its zone, such as 2026-11-24T12:00:00Z');
  if (sinceMs > nowMs) throw new UsageError(`--since ${text} is yet to come`);
  if (sinceMs < nowMs - AGAIN_MS)
    throw new UsageError(
      `--since ${text} is more than six days ago: webhooks that were sent are remembered for seven, and would be sent again`,
    );
  return sinceMs;
}
