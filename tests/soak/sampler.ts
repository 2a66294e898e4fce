import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from '@b2b-charge/stack';
import type { NatsConnection } from '@nats-io/transport-node';
import { heapAfterCollection } from './heap.ts';
import { usageOf } from './proc.ts';
import type { Kind, Point, Series } from './series.ts';
import { natsConnections, postgresConnections, redisClients, streamStates } from './server-figures.ts';

const MEGABYTE = 1_000_000;

export interface Watched {
  readonly fleet: Fleet;
  /** As the operator. */
  readonly nc: NatsConnection;
  readonly natsMonitorPort: number;
  /** By the names of partsOf, where V8 of a service can be asked. */
  readonly inspectPorts: ReadonlyMap<string, number>;
}

/** Reads what every process of a fleet holds, again and again. What is away at a moment has no point there. */
export class Sampler {
  readonly #watched: Watched;
  readonly #points = new Map<string, { kind: Kind; part: string; points: Point[] }>();
  readonly #lives = new Map<string, { pid: number; life: number }>();
  readonly #cpu = new Map<number, { atMs: number; cpu: number }>();
  readonly #startedAt: number;

  constructor(watched: Watched, startedAt: number) {
    this.#watched = watched;
    this.#startedAt = startedAt;
  }

  get series(): readonly Series[] {
    return [...this.#points.values()];
  }

  /** Everything every so often; the heaps, for which garbage must be collected, less often. */
  async run({ everyMs, heapsEveryMs }: { everyMs: number; heapsEveryMs: number }, until: AbortSignal) {
    const again = async (work: () => Promise<void>, ms: number) => {
      while (!until.aborted) {
        await work().catch(() => {});
        await sleep(ms, undefined, { signal: until }).catch(() => {});
      }
    };
    await Promise.all([again(() => this.#sample(), everyMs), again(() => this.#sampleHeaps(), heapsEveryMs)]);
  }

  /** Of processes each life by itself; of what a whole service or server holds, all of it. */
  add(kind: Kind, part: string, value: number, life = 1): void {
    const key = `${kind} ${part}`;
    const series = this.#points.get(key) ?? { kind, part, points: [] };
    this.#points.set(key, series);
    series.points.push({ atMs: Date.now() - this.#startedAt, value, life });
  }

  async #sample(): Promise<void> {
    this.#sampleProcesses();
    const { fleet, nc, natsMonitorPort } = this.#watched;
    const levels = (kind: Kind) => (found: ReadonlyMap<string, number>) => {
      for (const [part, value] of found) this.add(kind, part, value);
    };
    await Promise.allSettled([
      postgresConnections(fleet.databaseUrl).then(levels('connections')),
      natsConnections(natsMonitorPort).then(({ connections, subscriptions }) => {
        levels('nats-connections')(connections);
        levels('subscriptions')(subscriptions);
      }),
      redisClients(fleet.redis.url).then((clients) => this.add('redis-clients', 'all services', clients)),
      streamStates(nc).then((states) => {
        for (const { name, bytes, consumers } of states) {
          this.add('stream', name, bytes / MEGABYTE);
          this.add('consumers', name, consumers);
        }
      }),
    ]);
  }

  #sampleProcesses(): void {
    this.add('memory', 'the soak itself', process.memoryUsage.rss() / MEGABYTE);
    for (const [part, pid] of partsOf(this.#watched.fleet)) {
      const usage = pid === null ? null : usageOf(pid);
      if (!usage || pid === null) continue;
      const life = this.#lifeOf(part, pid);
      this.add('memory', part, usage.memory / MEGABYTE, life);
      this.add('files', part, usage.files, life);
      this.add('sockets', part, usage.sockets, life);
      const [before, atMs] = [this.#cpu.get(pid), Date.now()];
      this.#cpu.set(pid, { atMs, cpu: usage.cpu });
      // PostgreSQL's ended backends take theirs with them.
      if (before && usage.cpu >= before.cpu)
        this.add('cpu', part, ((usage.cpu - before.cpu) / (atMs - before.atMs)) * 100_000, life);
    }
  }

  async #sampleHeaps(): Promise<void> {
    for (const [part, pid] of partsOf(this.#watched.fleet)) {
      const port = this.#watched.inspectPorts.get(part);
      const heap = port === undefined || pid === null ? null : await heapAfterCollection(port);
      if (heap) this.add('heap', part, (heap.heap + heap.external) / MEGABYTE, this.#lifeOf(part, pid!));
    }
  }

  #lifeOf(part: string, pid: number): number {
    const last = this.#lives.get(part);
    const life = last?.pid === pid ? last.life : (last?.life ?? 0) + 1;
    this.#lives.set(part, { pid, life });
    return life;
  }
}

export function partsOf(fleet: Fleet): [part: string, pid: number | null][] {
  const servers = [fleet.postgres, fleet.nats, fleet.redis].map(({ name, pid }): [string, number | null] => [
    name,
    pid,
  ]);
  const services = fleet.processes.map((member): [string, number | null] => [
    nameOf(fleet, member),
    member.process.pid,
  ]);
  return [...servers, ...services];
}

/** As the faults call it: "ledger 2", "gateway". */
export function nameOf(fleet: Fleet, member: Fleet['processes'][number]): string {
  const members = fleet.of(member.service);
  return members.length > 1 ? `${member.service} ${members.indexOf(member) + 1}` : member.service;
}
