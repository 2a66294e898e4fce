import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from '@b2b-charge/stack';
import { jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import { usageOf } from './proc.ts';
import type { Kind, Series } from './series.ts';

const MEGABYTE = 1_000_000;
const STREAMS = ['LEDGER_COMMANDS', 'LEDGER_EVENTS'];
const ASK_WITHIN_MS = 2_000;

/** Reads what every process of a fleet holds, again and again. What is away at a moment has no point there. */
export class Sampler {
  readonly #fleet: Fleet;
  readonly #points = new Map<
    string,
    { kind: Kind; part: string; points: { atMs: number; value: number }[] }
  >();
  readonly #cpu = new Map<number, { atMs: number; cpu: number }>();
  readonly #startedAt = Date.now();

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  get series(): readonly Series[] {
    return [...this.#points.values()];
  }

  async run(everyMs: number, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      this.#sampleProcesses();
      await Promise.all([this.#sampleConnections(), this.#sampleStreams()]).catch(() => {});
      await sleep(everyMs, undefined, { signal: until }).catch(() => {});
    }
  }

  #add(kind: Kind, part: string, value: number): void {
    const key = `${kind} ${part}`;
    const series = this.#points.get(key) ?? { kind, part, points: [] };
    this.#points.set(key, series);
    series.points.push({ atMs: Date.now() - this.#startedAt, value });
  }

  #sampleProcesses(): void {
    for (const [part, pid] of partsOf(this.#fleet)) {
      const usage = pid === null ? null : usageOf(pid);
      if (!usage || pid === null) continue;
      this.#add('memory', part, usage.memory / MEGABYTE);
      this.#add('files', part, usage.files);
      this.#add('sockets', part, usage.sockets);
      const [before, atMs] = [this.#cpu.get(pid), Date.now()];
      this.#cpu.set(pid, { atMs, cpu: usage.cpu });
      // PostgreSQL's ended backends take theirs with them.
      if (before && usage.cpu >= before.cpu)
        this.#add('cpu', part, ((usage.cpu - before.cpu) / (atMs - before.atMs)) * 100_000);
    }
  }

  /** A connection for each look, so that none hangs on a server that was killed. */
  async #sampleConnections(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#fleet.databaseUrl,
      connectionTimeoutMillis: ASK_WITHIN_MS,
      query_timeout: ASK_WITHIN_MS,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<{ name: string; count: string }>(
        `SELECT usename AS name, count(*) AS count FROM pg_stat_activity WHERE usename LIKE 'b2b\\_%' GROUP BY 1`,
      );
      for (const { name, count } of rows) this.#add('connections', name, Number(count));
    } finally {
      await client.end().catch(() => {});
    }
  }

  async #sampleStreams(): Promise<void> {
    const nc = await this.#fleet.connect('operator');
    try {
      const manager = await jetstreamManager(nc, { checkAPI: false, timeout: ASK_WITHIN_MS });
      for (const name of STREAMS) {
        const { state } = await manager.streams.info(name);
        this.#add('stream', name, state.bytes / MEGABYTE);
        this.#add('consumers', name, state.consumer_count);
      }
    } finally {
      await nc.close();
    }
  }
}

export function partsOf(fleet: Fleet): [part: string, pid: number | null][] {
  const servers = [fleet.postgres, fleet.nats, fleet.redis].map(({ name, pid }): [string, number | null] => [
    name,
    pid,
  ]);
  const services = fleet.processes.map((member): [string, number | null] => {
    const number = fleet.of(member.service).indexOf(member) + 1;
    return [`${member.service} ${number}`, member.process.pid];
  });
  return [...servers, ...services];
}
