import { HEADERS } from '@b2b-charge/contracts';
import type { LogMessage } from '../src/log/parse-entry.ts';
import type { CommandLog, Cursor, LogReader } from '../src/process/ports.ts';
import { SimReader } from './sim-reader.ts';
import type { Stream } from './stream.ts';
import type { Machine, World } from './world.ts';

/** CommandLog of one ledger process on the simulated stream: NatsLog's requests, by what they ask. */
export class SimLog implements CommandLog {
  readonly readers = new Set<SimReader>();
  readonly #world: World;
  readonly #stream: Stream;
  readonly #machine: Machine;

  constructor(world: World, stream: Stream, machine: Machine) {
    this.#world = world;
    this.#stream = stream;
    this.#machine = machine;
  }

  read(
    afterSeq: number,
    deliver: (message: LogMessage) => Promise<void> | undefined,
    broke = () => {},
  ): LogReader {
    this.#world.note(this.#machine.name, 'reads on after', afterSeq);
    const parts = { world: this.#world, stream: this.#stream, machine: this.#machine };
    const reader = new SimReader(parts, { afterSeq, deliver, broke });
    this.readers.add(reader);
    return reader;
  }

  async holds({ seq, messageId, timeMs }: Cursor): Promise<boolean> {
    if (seq === 0) return true;
    const { lastSeq, firstSeq } = await this.#ask(({ lastSeq, firstSeq }) => ({ lastSeq, firstSeq }));
    if (lastSeq < seq) return false;
    if (firstSeq > seq) return true;
    const message = await this.#ask((stream) => stream.at(seq));
    if (!message) return false;
    const isSame = messageId === null || message.header(HEADERS.messageId) === messageId;
    return isSame && (timeMs === null || message.timeMs === timeMs);
  }

  lastSeq(): Promise<number> {
    return this.#ask(({ lastSeq, isEmpty }) => (isEmpty ? 0 : lastSeq));
  }

  firstSeq(): Promise<number> {
    return this.#ask(({ firstSeq }) => firstSeq);
  }

  #ask<T>(look: (stream: Stream) => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const world = this.#world;
    world.after(world.latency(), () => {
      if (!this.#stream.up) {
        world.after(100, () => reject(new Error('the log does not answer')), this.#machine);
        return;
      }
      const answer = look(this.#stream);
      world.after(world.latency(), () => resolve(answer), this.#machine);
    });
    return promise;
  }
}
