import { FAULTS, type FaultName } from '../chaos/faults/fault.ts';
import { runChaos } from '../chaos/run.ts';
import type { SoakReport } from './report.ts';
import { Sampler } from './sampler.ts';

export interface SoakOptions {
  readonly minutes: number;
  /** Commands a second. */
  readonly rate: number;
  /** Seconds between two faults. */
  readonly faultEvery: number;
  readonly sampleEveryMs: number;
  readonly seed: number;
  readonly longestFaultMs: number;
  readonly faults?: readonly FaultName[];
  readonly progress: (line: string) => void;
}

/** Sells at a steady rate with a fault now and then, watches what every process holds, and proves the books at the end. */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { minutes, rate, faultEvery, sampleEveryMs } = options;
  let sampler: Sampler | undefined;
  const chaos = await runChaos({
    seed: options.seed,
    minutes,
    faults: options.faults ?? FAULTS,
    overlap: false,
    natsBinary: process.env.NATS_SERVER_BIN || undefined,
    gapMs: [faultEvery * 1_000, faultEvery * 1_000],
    longestFaultMs: options.longestFaultMs,
    progress: options.progress,
    rate,
    alsoReconciler: true,
    beside: (fleet, until) => {
      sampler = new Sampler(fleet);
      return sampler.run(sampleEveryMs, until);
    },
  });
  return {
    minutes,
    rate: { asked: rate, seen: chaos.commands / (minutes * 60) },
    chaos,
    series: sampler?.series ?? [],
  };
}
