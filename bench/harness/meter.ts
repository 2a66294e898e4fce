import { createSubjects } from '@b2b-charge/contracts';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Database } from './database.ts';
import { cpuOfFamilyUs, cpuUs, residentBytes } from './processes.ts';
import { readServiceTimes, type ServiceTimes, timesBetween } from './service-times.ts';
import type { Stage } from './stage.ts';
import { readTraffic, type Traffic, trafficBetween } from './traffic.ts';

/** CPU is told by these parts. `service` is a compared one. */
export const PARTS = ['gateway', 'ledger', 'nats', 'postgres', 'redis', 'service', 'generator'] as const;
export type Part = (typeof PARTS)[number];

/** What the machine had spent when this was read. */
interface Reading {
  readonly cpuUs: Readonly<Record<Part, number>>;
  readonly walBytes: number;
  readonly tableBytes: number;
  readonly indexBytes: number;
  readonly commands: { readonly messages: number; readonly bytes: number };
  readonly events: { readonly messages: number; readonly bytes: number };
  readonly told: ServiceTimes;
  readonly traffic: Traffic;
}

/** Spent between two readings. */
export interface Spent extends Reading {
  /** Most resident memory of any process of the part, in bytes. */
  readonly memoryBytes: Readonly<Partial<Record<Part, number>>>;
  /** The same in the first and in the last fifth of the time: does it grow? */
  readonly memoryTrend: Readonly<Partial<Record<Part, { first: number; last: number }>>>;
}

/** Processes by part; a part that is not given is the fleet's. */
export type Pids = Readonly<Partial<Record<Part, readonly number[]>>>;

const SAMPLE_MS = 250;
const MEMORY_OF: readonly Part[] = ['gateway', 'ledger', 'service'];

/** Reads, around a load, what each process and each store has spent on it. */
export class Meter implements AsyncDisposable {
  readonly #stage: Stage;
  readonly #pids: Pids;
  readonly #nc: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #client: pg.Client;
  readonly #redis: Redis;
  /** Samples by part, each the largest process' resident memory. */
  readonly #memory = new Map<Part, number[]>();
  #generator = 0;
  #before: Reading | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `database` and `pids` are a compared service's; without them the stage's own are read. */
  static async open(
    stage: Stage,
    { database = stage.database, pids = {} }: { database?: Database; pids?: Pids } = {},
  ): Promise<Meter> {
    const nc = await stage.fleet.connect('operator');
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const redis = new Redis(stage.fleet.redis.url);
    return new Meter({ stage, pids, nc, manager: await jetstreamManager(nc), client, redis });
  }

  private constructor(parts: {
    stage: Stage;
    pids: Pids;
    nc: NatsConnection;
    manager: JetStreamManager;
    client: pg.Client;
    redis: Redis;
  }) {
    this.#stage = parts.stage;
    this.#pids = parts.pids;
    this.#nc = parts.nc;
    this.#manager = parts.manager;
    this.#client = parts.client;
    this.#redis = parts.redis;
  }

  async begin(generatorPid: number): Promise<void> {
    this.#generator = generatorPid;
    this.#timer = setInterval(() => this.#sampleMemory(), SAMPLE_MS);
    this.#before = await this.#read();
  }

  async end(): Promise<Spent> {
    const after = await this.#read();
    clearInterval(this.#timer);
    this.#sampleMemory();
    const before = this.#before!;
    return {
      cpuUs: Object.fromEntries(
        PARTS.map((part) => [part, after.cpuUs[part] - before.cpuUs[part]]),
      ) as Spent['cpuUs'],
      walBytes: after.walBytes - before.walBytes,
      tableBytes: after.tableBytes - before.tableBytes,
      indexBytes: after.indexBytes - before.indexBytes,
      commands: grown(before.commands, after.commands),
      events: grown(before.events, after.events),
      told: timesBetween(before.told, after.told),
      traffic: trafficBetween(before.traffic, after.traffic),
      memoryBytes: this.#memoryOf((samples) => Math.max(...samples)),
      memoryTrend: this.#memoryOf((samples) => {
        const fifth = Math.ceil(samples.length / 5);
        return { first: Math.max(...samples.slice(0, fifth)), last: Math.max(...samples.slice(-fifth)) };
      }),
    };
  }

  async #read(): Promise<Reading> {
    // First and at once: the rest takes a few milliseconds.
    const cpu = Object.fromEntries(PARTS.map((part) => [part, this.#cpuOf(part)])) as Reading['cpuUs'];
    const { commands, events } = createSubjects().streams;
    const [stores, commandLog, eventLog, told, traffic] = await Promise.all([
      this.#client.query<Record<'wal' | 'tables' | 'indexes', string>>(
        `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS wal,
           pg_table_size('ledger.transactions') AS tables, pg_indexes_size('ledger.transactions') AS indexes`,
      ),
      this.#manager.streams.info(commands),
      this.#manager.streams.info(events),
      readServiceTimes(this.#stage.fleet),
      readTraffic(this.#stage.natsMonitorUrl, this.#redis),
    ]);
    const { wal, tables, indexes } = stores.rows[0]!;
    return {
      cpuUs: cpu,
      walBytes: Number(wal),
      tableBytes: Number(tables),
      indexBytes: Number(indexes),
      commands: commandLog.state,
      events: eventLog.state,
      told,
      traffic,
    };
  }

  #cpuOf(part: Part): number {
    const { postgres } = this.#stage.fleet;
    if (part === 'postgres') return postgres.pid === null ? 0 : cpuOfFamilyUs(postgres.pid);
    return this.#pidsOf(part).reduce((sum, pid) => sum + cpuUs(pid), 0);
  }

  #pidsOf(part: Part): readonly number[] {
    const { fleet } = this.#stage;
    const known = (pid: number | null) => (pid === null ? [] : [pid]);
    const given = this.#pids[part];
    if (given) return given;
    switch (part) {
      case 'gateway':
      case 'ledger':
        return fleet.of(part).flatMap(({ process }) => known(process.pid));
      case 'nats':
      case 'redis':
      case 'postgres':
        return known(fleet[part].pid);
      case 'service':
        return [];
      case 'generator':
        return [this.#generator];
    }
  }

  #sampleMemory(): void {
    for (const part of MEMORY_OF) {
      const pids = this.#pidsOf(part);
      if (pids.length === 0) continue;
      const samples = this.#memory.get(part) ?? [];
      samples.push(Math.max(...pids.map(residentBytes)));
      this.#memory.set(part, samples);
    }
  }

  #memoryOf<T>(measure: (samples: readonly number[]) => T): Partial<Record<Part, T>> {
    return Object.fromEntries([...this.#memory].map(([part, samples]) => [part, measure(samples)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#redis.disconnect();
    await this.#client.end();
    await this.#nc.close();
  }
}

const grown = (before: Reading['commands'], after: Reading['commands']) => ({
  messages: after.messages - before.messages,
  bytes: after.bytes - before.bytes,
});
