import type { Logger } from '@b2b-charge/runtime';
import type { AuditMetrics } from '../metrics.ts';
import type { OpenTools } from '../run/open-tools.ts';
import { type FinishedRun, runAudit } from '../run/run-audit.ts';
import { AlreadyRunError } from '../store/runs.ts';
import { RunInProgressError, withRunLock } from './run-lock.ts';

export interface RunRequest {
  readonly mode: 'incremental' | 'full';
  readonly trigger: string;
  readonly startedBy: string;
  /** Rebuilds what is slightly wrong; whoever asks for it has been asked. */
  readonly fix?: boolean;
  /** Trace context of the caller, for the commands that fix. */
  readonly traceparent?: string | undefined;
  readonly scheduledFor?: Date | null;
}

export interface StartedRun {
  readonly runId: number;
  readonly finished: Promise<FinishedRun>;
}

interface RunnerOptions {
  readonly tools: OpenTools;
  readonly log: Logger;
  readonly metrics: AuditMetrics;
  /** After every run that came to its end, under its lock: alerts, trim, retention. */
  readonly onFinished: (finished: FinishedRun) => Promise<void>;
}

/** Runs audits over all vendors, one at a time in this process and, under the lock, in all. */
export class Runner implements AsyncDisposable {
  readonly #options: RunnerOptions;
  readonly #ending = new AbortController();
  #current: Promise<unknown> | null = null;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Null when one is running, here or elsewhere, or has run for this scheduled instant. */
  async start(request: RunRequest): Promise<StartedRun | null> {
    if (this.#current || this.#ending.signal.aborted) return null;
    const opened = Promise.withResolvers<number>();
    const finished = this.#run(request, opened.resolve);
    this.#current = finished.catch(() => {}).finally(() => (this.#current = null));
    // It may fail before it is opened: then that is the answer.
    const failure = finished.then(() => opened.promise);
    try {
      return { runId: await Promise.race([opened.promise, failure]), finished };
    } catch (error) {
      if (error instanceof RunInProgressError || error instanceof AlreadyRunError) return null;
      throw error;
    }
  }

  async #run(request: RunRequest, onOpened: (runId: number) => void): Promise<FinishedRun> {
    const { tools, log, metrics, onFinished } = this.#options;
    try {
      return await withRunLock(tools, { waitMs: 0 }, async () => {
        const finished = await runAudit(tools, {
          ...request,
          vendorId: null,
          approveFix: request.fix ? async () => true : null,
          signal: this.#ending.signal,
          onOpened,
          onWarning: (error, message) => log.warn({ err: error }, message),
        });
        metrics.finished(finished.run);
        log.info({ run: finished.run }, 'audit finished');
        await onFinished(finished);
        return finished;
      });
    } catch (error) {
      if (!(error instanceof RunInProgressError || error instanceof AlreadyRunError)) {
        metrics.failed();
        log.error({ err: error, ...request }, 'audit failed');
      }
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new Error('the service is stopping'));
    await this.#current;
  }
}
