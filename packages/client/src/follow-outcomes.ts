import { setTimeout as sleep } from 'node:timers/promises';
import type { Subjects } from '@b2b-charge/contracts';
import { jetStreamOptions } from '@b2b-charge/runtime';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { millis, type NatsConnection } from '@nats-io/transport-node';
import { type OutcomeEvent, readOutcome } from './outcome-event.ts';
import { OutcomeReading } from './outcome-reading.ts';

export interface FollowOptions {
  /** Made by connectNats. */
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  /** Name of the position on the server. The operator makes it (`npm run nats-user`), with its filter and its bounds. */
  readonly durable: string;
  /**
   * Several processes share the position, and each event goes to one of them: then there is no order. Without it there
   * must be one reader at a time, and a vendor's events come in the order of its chain, also after a crash.
   */
  readonly shared?: boolean;
  /** Events in the order of the stream. They count as done when this resolves; when it rejects, they come again. */
  readonly onBatch: (events: readonly OutcomeEvent[]) => Promise<void>;
  /** What went wrong and is being tried again, or (an event that cannot be read) was skipped. */
  readonly onTrouble?: (error: Error) => void;
}

export interface Following extends AsyncDisposable {
  /** Finishes what is in hand, and ends. */
  stop(): Promise<void>;
}

const PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Follows the ledger's outcomes at a durable position, at least once: an event counts as done when it is handled, and
 * what was in hand when a process died comes again. Taken anew after every trouble and reconnect: a consumer left to
 * itself stalls after a restart of the server, and goes on behind what was lost on the way.
 */
export function followOutcomes(options: FollowOptions): Following {
  const stopping = new AbortController();
  const { signal } = stopping;
  const loop = (async () => {
    for (let pauseMs = PAUSE_MS; !signal.aborted && !options.nc.isClosed(); ) {
      try {
        const before = Date.now();
        await readUntilTrouble(options, signal);
        pauseMs = Date.now() - before > LONGEST_PAUSE_MS ? PAUSE_MS : pauseMs;
      } catch (error) {
        options.onTrouble?.(error as Error);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
      await sleep(pauseMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
    }
  })();
  const stop = () => {
    stopping.abort();
    return loop;
  };
  return { stop, [Symbol.asyncDispose]: stop };
}

async function readUntilTrouble(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const { nc, subjects, durable, shared = false, onBatch, onTrouble } = options;
  const { events: stream } = subjects.streams;
  const manager = await jetstreamManager(nc, jetStreamOptions(nc));
  const info = await manager.consumers.info(stream, durable).catch((cause: unknown) => {
    throw new Error(`consumer ${durable} of ${stream}: not found or out of reach; the operator makes it`, {
      cause,
    });
  });
  const consumer = await jetstream(nc, jetStreamOptions(nc)).consumers.get(stream, durable);
  const messages = await consumer.consume({
    max_messages: info.config.max_ack_pending!,
    idle_heartbeat: 5_000,
    expires: 30_000,
  });
  const reading = new OutcomeReading({
    nc,
    messages,
    keepEveryMs: millis(info.config.ack_wait!) / 3,
    // What a predecessor left unacknowledged comes again only after a while, behind newer events.
    unacknowledged: shared
      ? null
      : {
          atOpen: info.num_ack_pending,
          now: async () => (await manager.consumers.info(stream, durable)).num_ack_pending,
        },
    onBatch: async (batch) => {
      const events = batch.flatMap((message) => {
        const event = readOutcome(message);
        if (!event) onTrouble?.(new Error(`event ${message.seq} cannot be read`));
        return event ? [event] : [];
      });
      if (events.length > 0) await onBatch(events);
    },
  });
  await reading.run(signal);
}
