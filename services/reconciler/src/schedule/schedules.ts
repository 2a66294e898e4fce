import type { Logger } from '@b2b-charge/runtime';
import { Cron } from 'croner';
import type { Runner } from './runner.ts';

export interface ScheduleOptions {
  readonly runner: Runner;
  readonly log: Logger;
  readonly timeZone: string;
  readonly startedBy: string;
  readonly patterns: Readonly<Record<'incremental' | 'full', string>>;
}

export const scheduleTrigger = (mode: 'incremental' | 'full'): string => `schedule:${mode}`;

/** Starts an audit whenever a schedule says so. Every replica wakes up; the lock and the instant let one run. */
export function startSchedules(options: ScheduleOptions): Disposable {
  const { runner, log, timeZone, startedBy, patterns } = options;
  const jobs = (['incremental', 'full'] as const).map(
    (mode) =>
      new Cron(patterns[mode], { timezone: timeZone, unref: true }, async () => {
        const scheduledFor = lastInstant(patterns[mode], timeZone, new Date());
        try {
          const started = await runner.start({
            mode,
            trigger: scheduleTrigger(mode),
            startedBy,
            scheduledFor,
          });
          if (!started) log.info({ mode }, 'a scheduled audit is done elsewhere, or another is running');
        } catch {
          // The runner has told of it; the next instant comes.
        }
      }),
  );
  return {
    [Symbol.dispose]() {
      for (const job of jobs) job.stop();
    },
  };
}

/** A timer may go off this much before its time. */
const EARLY_MS = 100;

/** The instant that a replica wakes up for: the same for all of them, however late their timers are. */
export function lastInstant(pattern: string, timeZone: string, now: Date): Date | null {
  const cron = new Cron(pattern, { timezone: timeZone, paused: true });
  return cron.previousRuns(1, new Date(now.getTime() + EARLY_MS))[0] ?? null;
}

/** How many seconds a schedule is behind: since the first instant after its last run that was not kept. */
export function lateSeconds(
  pattern: string,
  timeZone: string,
  { lastStartedAt, now, graceMs }: { lastStartedAt: Date; now: Date; graceMs: number },
): number {
  const due = new Cron(pattern, { timezone: timeZone, paused: true }).nextRun(lastStartedAt);
  if (!due || now.getTime() < due.getTime() + graceMs) return 0;
  return (now.getTime() - due.getTime()) / 1_000;
}
