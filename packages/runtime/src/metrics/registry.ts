import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

import { droppedLines } from '../logs/line-sink.ts';

/** Labels and value of each series; a number alone where there are no labels. */
export type Samples = number | readonly (readonly [labels: Record<string, string | number>, value: number])[];

interface Described<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly L[];
}

/** Longest that a reading may hold a scrape up; Prometheus itself gives up after 10 s. */
const READ_TIMEOUT_MS = 2_000;

/** By registry, gauges that were left out of a scrape. */
const failedReadings = new WeakMap<Registry, number>();

/** A registry with what Node tells of every process: CPU, memory, event-loop delay, garbage collection. */
export function createRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  readCounter(
    registry,
    {
      name: 'b2b_log_dropped_lines_total',
      help: 'Log lines dropped because they could not be written, as on a full disk',
    },
    droppedLines,
  );
  readCounter(
    registry,
    {
      name: 'b2b_metrics_failed_readings_total',
      help: 'Gauges left out of a scrape because their source did not answer',
    },
    () => failedReadings.get(registry) ?? 0,
  );
  return registry;
}

/**
 * A gauge that is read when it is scraped. Without an answer it has no series: a scrape tells what it can, and never
 * yesterday's value.
 */
export function readGauge<L extends string>(
  registry: Registry,
  { name, help, labelNames = [] }: Described<L>,
  read: () => Samples | Promise<Samples>,
): void {
  const gauge = new Gauge<string>({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect,
  });
  async function collect() {
    const samples = await within(read).catch(() => {
      failedReadings.set(registry, (failedReadings.get(registry) ?? 0) + 1);
      return null;
    });
    gauge.reset();
    if (typeof samples === 'number') gauge.set(samples);
    else if (labelNames.length === 0) gauge.remove();
    else for (const [labels, value] of samples ?? []) gauge.set(labels, value);
  }
}

/** A counter over plain numbers that the hot path counts up by itself; read when it is scraped. */
export function readCounter<L extends string>(
  registry: Registry,
  { name, help, labelNames = [] }: Described<L>,
  read: () => Samples,
): void {
  const counter = new Counter<string>({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      counter.reset();
      const samples = read();
      if (typeof samples === 'number') counter.inc(samples);
      else for (const [labels, value] of samples) counter.inc(labels, value);
    },
  });
}

/** One reading for all gauges of a scrape that want it. */
export function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | null = null;
  return () => {
    current ??= read().finally(() => {
      current = null;
    });
    return current;
  };
}

async function within(read: () => Samples | Promise<Samples>): Promise<Samples> {
  const reading = read(); // throws or rejects: the same to the caller
  if (!(reading instanceof Promise)) return reading;
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error('no answer in time')), READ_TIMEOUT_MS);
  try {
    return await Promise.race([reading, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
