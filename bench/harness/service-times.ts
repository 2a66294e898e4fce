import type { Fleet } from '@b2b-charge/stack';

interface Histogram {
  readonly seconds: number;
  readonly count: number;
}

/** What the services' own metrics tell of their time. */
export interface ServiceTimes {
  /** A sale in the gateway: from its request to its answer. */
  readonly request: Histogram;
  /** A batch in the ledger: from taking it to its commit. */
  readonly batch: Histogram;
  /** Commands in those batches. */
  readonly charges: number;
}

const TIMEOUT_MS = 2_000;

export async function readServiceTimes(fleet: Fleet): Promise<ServiceTimes> {
  const texts = await Promise.all(
    fleet.processes
      .filter(({ process }) => process.pid !== null)
      .map(async ({ process }) => {
        const signal = AbortSignal.timeout(TIMEOUT_MS);
        return await fetch(`${process.opsUrl}/metrics`, { signal }).then(
          (response) => response.text(),
          () => '',
        );
      }),
  );
  const lines = texts.join('\n').split('\n');
  const sum = (name: string, label = '') =>
    lines
      .filter((line) => line.startsWith(name) && line.includes(label))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  const histogram = (name: string, label = '') => ({
    seconds: sum(`${name}_sum`, label),
    count: sum(`${name}_count`, label),
  });
  return {
    request: histogram('b2b_gateway_request_seconds', 'operation="sellCharge"'),
    batch: histogram('b2b_ledger_batch_seconds'),
    charges: sum('b2b_ledger_batch_commands_sum'),
  };
}

export const timesBetween = (before: ServiceTimes, after: ServiceTimes): ServiceTimes => ({
  request: between(before.request, after.request),
  batch: between(before.batch, after.batch),
  charges: after.charges - before.charges,
});

const between = (before: Histogram, after: Histogram): Histogram => ({
  seconds: after.seconds - before.seconds,
  count: after.count - before.count,
});
