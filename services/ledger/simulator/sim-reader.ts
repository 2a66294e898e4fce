import type { LogMessage } from '../src/log/parse-entry.ts';
import type { LogReader } from '../src/process/ports.ts';
import type { StoredMessage, Stream } from './stream.ts';
import type { Machine, World } from './world.ts';

/** What becomes of a reader whose server went away: the client libraries do all three. */
export type ReaderFate = 'breaks' | 'falls silent' | 'resumes';

interface Parts {
  readonly world: World;
  readonly stream: Stream;
  readonly machine: Machine;
}

interface Reading {
  readonly afterSeq: number;
  readonly deliver: (message: LogMessage) => Promise<void> | undefined;
  readonly broke: () => void;
}

/** An ordered consumer: message after message, each when the one before it was taken. */
export class SimReader implements LogReader {
  broken = false;
  readonly #parts: Parts;
  readonly #deliver: Reading['deliver'];
  readonly #broke: () => void;
  #position: number;
  #stopped = false;
  /** Raised by every interruption: what was under way before it does not arrive. */
  #life = 0;
  #wakes: (() => void) | null = null;

  constructor(parts: Parts, { afterSeq, deliver, broke }: Reading) {
    this.#parts = parts;
    this.#position = afterSeq;
    this.#deliver = deliver;
    this.#broke = broke;
    const { world, machine } = parts;
    const life = this.#life;
    // The consumer is made on the server, and the first message comes from there.
    world.after(world.latency() + world.latency(), () => life === this.#life && this.#create(), machine);
  }

  get done(): boolean {
    return this.#stopped || this.broken;
  }

  stop(): void {
    this.#stopped = true;
    this.#sleepNoMore();
  }

  /** The connection is gone; what is not yet delivered stays away. */
  interrupt(): void {
    this.#life++;
    this.#sleepNoMore();
  }

  break(): void {
    if (this.done) return;
    this.broken = true;
    this.#broke();
  }

  /** Goes on after the last message that it saw, whatever the log has become since. */
  resume(): void {
    if (!this.done) this.#next();
  }

  #create(): void {
    if (this.done) return;
    if (this.#parts.stream.up) this.#next();
    else this.break();
  }

  #next(): void {
    const { world, machine } = this.#parts;
    const message = this.#find();
    const life = this.#life;
    if (message)
      world.after(world.random.between(0, 1), () => life === this.#life && this.#hand(message), machine);
    else this.#sleep();
  }

  #find(): StoredMessage | undefined {
    const { stream } = this.#parts;
    return stream.at(Math.max(this.#position + 1, stream.firstSeq));
  }

  #sleep(): void {
    const { stream, world, machine } = this.#parts;
    const wake = () => {
      this.#sleepNoMore();
      const life = this.#life;
      world.after(world.latency(), () => life === this.#life && !this.done && this.#next(), machine);
    };
    this.#wakes = wake;
    stream.listeners.add(wake);
  }

  #sleepNoMore(): void {
    if (this.#wakes) this.#parts.stream.listeners.delete(this.#wakes);
    this.#wakes = null;
  }

  #hand(message: StoredMessage): void {
    if (this.done) return;
    this.#position = message.streamSeq;
    const life = this.#life;
    const goOn = () => {
      if (life === this.#life && !this.done) this.#next();
    };
    const taken = this.#deliver(message);
    if (taken) void taken.then(goOn);
    else goOn();
  }
}
