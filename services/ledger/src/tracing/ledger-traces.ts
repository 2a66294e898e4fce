import { HEADERS } from '@b2b-charge/contracts';
import { isSampled, SPAN_KIND, type TraceSpan, type Tracing } from '@b2b-charge/runtime';
import type { NatsConnection } from '@nats-io/transport-node';
import type { LogEntry } from '../domain/command.ts';
import type { Decision } from '../domain/decide.ts';
import type { CommittedBatch } from '../process/commit-batch.ts';
import type { LedgerStore } from '../process/ports.ts';
import type { Announcer } from '../process/process-options.ts';

/**
 * The ledger's part of the traces that commands bring along: the wait in the log, the batch, its two turns at the
 * database, the reply. A batch is one span: of the first traced command's trace, with links to the others'. Wrapped around
 * the store and the replies, so that a ledger without traces knows nothing of it.
 */
export class LedgerTraces {
  readonly #tracing: Tracing;
  /** The one batch in hand. */
  #batch: TraceSpan | null = null;
  /** Commands of the batch in hand, or committed and not yet announced. */
  readonly #commands = new Map<LogEntry, TraceSpan>();
  /** By the subject of the reply that ends them. */
  readonly #replies = new Map<string, { command: TraceSpan; reply: TraceSpan }>();

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  /** Spans of commands under way. */
  get size(): number {
    return this.#commands.size + this.#replies.size;
  }

  store(store: LedgerStore): LedgerStore {
    const openBatch: LedgerStore['openBatch'] = async (moves, entries) => {
      const [first, ...others] = entries.flatMap((entry) => this.#begin(entry));
      if (!first) return store.openBatch(moves, entries);
      const batch = this.#tracing.start('batch', {
        parent: first,
        links: others,
        attributes: { 'batch.commands': entries.length, 'batch.lanes': moves.length },
      });
      this.#batch = batch;
      const open = await this.#timed('load', batch, entries, () => store.openBatch(moves, entries));
      return {
        knowledge: open.knowledge,
        commit: async (writes) => {
          await this.#timed('commit', batch, entries, () => open.commit(writes));
          this.#batch = null;
          batch.end();
        },
      };
    };
    const rollback = () => {
      this.#abandon([...this.#commands.keys()], 'rolled back');
      return store.rollback();
    };
    return new Proxy(store, {
      get: (target, name) => {
        if (name === 'openBatch') return openBatch;
        if (name === 'rollback') return rollback;
        const value = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  #begin(entry: LogEntry): TraceSpan[] {
    // Clients whose headers are HTTP's write each name with a capital.
    const parent = entry.header(HEADERS.traceparent) || entry.header('Traceparent');
    if (!parent || !isSampled(parent)) return [];
    const span = this.#tracing.start(
      `decide ${entry.kind === 'command' ? entry.request.type : 'unreadable'}`,
      {
        kind: SPAN_KIND.consumer,
        parent,
        startMs: entry.timeMs,
        attributes: {
          'messaging.message.id': entry.messageId ?? '',
          lane: entry.lane,
          'log.sequence': entry.streamSeq,
        },
      },
    );
    this.#tracing.start('wait in the log', { parent: span, startMs: entry.timeMs }).end();
    this.#commands.set(entry, span);
    return [span];
  }

  async #timed<T>(
    name: string,
    batch: TraceSpan,
    entries: readonly LogEntry[],
    work: () => Promise<T>,
  ): Promise<T> {
    const span = this.#tracing.start(name, {
      kind: SPAN_KIND.client,
      parent: batch,
      attributes: { 'db.system.name': 'postgresql' },
    });
    try {
      return await work();
    } catch (error) {
      const message = String((error as Error)?.message ?? error);
      span.fail(message);
      this.#abandon(entries, message);
      throw error;
    } finally {
      span.end();
    }
  }

  /** A batch that is tried again begins its spans anew. */
  #abandon(entries: readonly LogEntry[], message: string): void {
    if (!this.#batch) return;
    const spans = [this.#batch, ...entries.map((entry) => this.#commands.get(entry))];
    this.#batch = null;
    for (const entry of entries) this.#commands.delete(entry);
    for (const span of spans) {
      span?.fail(message);
      span?.end();
    }
  }

  /** Hears of a committed batch before its replies go out. */
  announcer(announcer: Announcer): Announcer {
    return {
      open: (title) => announcer.open(title),
      close: (lane) => announcer.close(lane),
      published: (title) => announcer.published(title),
      room: () => announcer.room(),
      committed: (batch) => {
        this.#committed(batch);
        announcer.committed(batch);
      },
    };
  }

  #committed({ entries, decisions }: CommittedBatch): void {
    if (this.#commands.size === 0) return;
    entries.forEach((entry, index) => void this.#decided(entry, decisions[index]!));
  }

  /** A traced command ends with its reply, or now if nobody waits for one. */
  #decided(entry: LogEntry, decision: Decision): void {
    const command = this.#commands.get(entry);
    if (!command) return;
    this.#commands.delete(entry);
    const outcome = decision.kind === 'recorded' ? (decision.transaction.reason ?? 'POSTED') : decision.kind;
    command.set({ outcome });
    if (entry.replyTo === null) command.end();
    else {
      const reply = this.#tracing.start('reply', { kind: SPAN_KIND.producer, parent: command });
      this.#replies.set(entry.replyTo, { command, reply });
    }
  }

  /** The connection that replies go out on. */
  publisher(nc: Pick<NatsConnection, 'publish'>): Pick<NatsConnection, 'publish'> {
    return {
      publish: (subject, payload, options) => {
        const spans = this.#replies.get(subject);
        this.#replies.delete(subject);
        try {
          nc.publish(subject, payload, options);
        } finally {
          spans?.reply.end();
          spans?.command.end();
        }
      },
    };
  }
}
