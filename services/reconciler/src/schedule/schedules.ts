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
      new Cron(patterns[mode], { timezone: timeZone, unref: true }, async (job: Cron) => {
        const scheduledFor = job.currentRun();
        // The timer may be a few milliseconds late: the instant is the whole second that the schedule names.
        scheduledFor?.setMilliseconds(0);
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
