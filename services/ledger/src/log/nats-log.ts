import { messageIdIn, type Subjects } from '@b2b-charge/contracts';
import { type Logger, readableHeaders } from '@b2b-charge/runtime';
import {
  type ConsumerMessages,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { CommandLog, Cursor, LogReader } from '../process/ports.ts';
import { ANSWER_MS, askAgain } from './ask-again.ts';
import type { LogMessage } from './parse-entry.ts';
import { plainHeaders } from './plain-headers.ts';

/** Messages that the server may send ahead of what is taken. */
const PREFETCH = 2_048;
/** A consumer that has nothing to deliver says so every second: one whose server is gone is noticed after two. */
const HEARTBEAT_MS = 1_000;

/** The command log on JetStream. */
export class NatsLog implements CommandLog {
  readonly #js: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #subjects: Subjects;
  readonly #logger: Logger;

  static async open(nc: NatsConnection, subjects: Subjects, logger: Logger): Promise<NatsLog> {
    const manager = await jetstreamManager(nc, { checkAPI: false, timeout: ANSWER_MS });
    return new NatsLog(jetstream(nc, { timeout: ANSWER_MS }), manager, subjects, logger);
  }

  private constructor(js: JetStreamClient, manager: JetStreamManager, subjects: Subjects, logger: Logger) {
    this.#js = js;
    this.#manager = manager;
    this.#subjects = subjects;
    this.#logger = logger;
  }

  read(
    afterSeq: number,
    deliver: (message: LogMessage) => Promise<void> | undefined,
    broke?: () => void,
  ): LogReader {
    const reader = new OrderedReader();
    void reader
      .run(() => this.#consume(afterSeq), deliver)
      .catch((error) => {
        this.#logger.warn({ err: error }, 'the log reader broke');
      })
      .finally(() => reader.broken && broke?.());
    return reader;
  }

  async #consume(afterSeq: number): Promise<ConsumerMessages> {
    // A consumer that was made in vain, because the answer came too late, ends by itself.
    const consumer = await askAgain(() =>
      this.#js.consumers.get(this.#subjects.streams.commands, {
        opt_start_seq: afterSeq + 1,
        inactive_threshold: 60_000,
      }),
    );
    return consumer.consume({ max_messages: PREFETCH, idle_heartbeat: HEARTBEAT_MS });
  }

  async holds(cursor: Cursor): Promise<boolean> {
    if (cursor.seq === 0) return true;
    const { commands } = this.#subjects.streams;
    const { state } = await this.#info();
    if (state.last_seq < cursor.seq) return false;
    if (state.first_seq > cursor.seq) return true; // trimmed: that part was audited
    const message = await askAgain(() => this.#manager.streams.getMessage(commands, { seq: cursor.seq }));
    if (!message) return false;
    const header = readableHeaders(() => message.header);
    const id = messageIdIn((name) => header?.get(name));
    return (
      (cursor.messageId === null || id === cursor.messageId) &&
      (cursor.timeMs === null || message.time.getTime() === cursor.timeMs)
    );
  }

  async lastSeq(): Promise<number> {
    const { state } = await this.#info();
    return state.messages === 0 ? 0 : state.last_seq; // purged to its end, a stream still knows its last number
  }

  async firstSeq(): Promise<number> {
    const { state } = await this.#info();
    return state.first_seq;
  }

  #info(): Promise<StreamInfo> {
    return askAgain(() => this.#manager.streams.info(this.#subjects.streams.commands));
  }
}

/** One ordered consumer, read message by message; when it ends by itself it is broken, never revived. */
class OrderedReader implements LogReader {
  broken = false;
  #stopped = false;
  #delivering = false;
  #messages: ConsumerMessages | null = null;

  async run(
    consume: () => Promise<ConsumerMessages>,
    deliver: (message: LogMessage) => Promise<void> | undefined,
  ): Promise<void> {
    try {
      this.#messages = await consume();
      if (this.#stopped) await this.#messages.close();
      void this.#followStatus(this.#messages);
      for await (const message of this.#messages) {
        if (this.#stopped) break;
        const delivered = deliver(new JetStreamLogMessage(message));
        if (!delivered) continue;
        this.#delivering = true;
        await delivered;
        this.#delivering = false;
      }
    } finally {
      if (!this.#stopped) this.broken = true;
    }
  }

  /** While nobody takes what is there, nothing more is asked for, and no heartbeat is due. */
  async #followStatus(messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status())
      if (type === 'heartbeats_missed' && !this.#delivering) void messages.close().catch(() => {});
  }

  stop(): void {
    this.#stopped = true;
    // Closing waits for the iterator, which may itself wait for room in a buffer that nobody empties any more.
    void this.#messages?.close().catch(() => {});
  }
}

const NO_HEADERS: ReadonlyMap<string, string> = new Map();

class JetStreamLogMessage implements LogMessage {
  readonly #message: JsMsg;
  #fields: { get(name: string): string | undefined } | null = null;
  readonly streamSeq: number;
  readonly timeMs: number;

  constructor(message: JsMsg) {
    this.#message = message;
    // $JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<delivered>.<stream seq>.<consumer seq>.<time ns>.<pending>[.<random>]
    // Parsed here once: the library's `info` has the time as a double, which is too short for nanoseconds.
    const tokens = (message as unknown as { reply: string }).reply.split('.');
    const start = tokens.length > 9 ? 7 : 5;
    this.streamSeq = Number(tokens[start]);
    this.timeMs = Number(tokens[start + 2]!.slice(0, -6));
  }

  get subject(): string {
    return this.#message.subject;
  }

  get payload(): Uint8Array {
    return this.#message.data;
  }

  header(name: string): string {
    this.#fields ??=
      plainHeaders(this.#message) ?? readableHeaders(() => this.#message.headers) ?? NO_HEADERS;
    return this.#fields.get(name) ?? '';
  }

  isRepeated(name: string): boolean {
    // The plain reading refuses a name that stands there twice.
    this.header(name);
    return !(this.#fields instanceof Map) && this.headers().filter(([key]) => key === name).length > 1;
  }

  headers(): [string, string][] {
    const headers = readableHeaders(() => this.#message.headers);
    return headers
      ? [...headers.keys()].flatMap((key) => headers.values(key).map((v): [string, string] => [key, v]))
      : [];
  }
}
