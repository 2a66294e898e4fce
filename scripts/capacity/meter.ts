import { createSubjects } from '@b2b-charge/contracts';
import type { Fleet } from '@b2b-charge/stack';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { cpuOfFamilyUs, cpuUs } from '../../bench/harness/processes.ts';

/** Reads what a fleet has spent so far, under the names of the figures. */
export class Meter {
  readonly #fleet: Fleet;
  readonly #db: pg.Client;
  readonly #nc: NatsConnection;
  readonly #manager: JetStreamManager;

  private constructor(fleet: Fleet, db: pg.Client, nc: NatsConnection, manager: JetStreamManager) {
    this.#fleet = fleet;
    this.#db = db;
    this.#nc = nc;
    this.#manager = manager;
  }

  static async open(fleet: Fleet): Promise<Meter> {
    const db = new pg.Client({ connectionString: fleet.databaseUrl });
    await db.connect();
    const nc = await fleet.connect('operator');
    return new Meter(fleet, db, nc, await jetstreamManager(nc));
  }

  async read(): Promise<Record<string, number>> {
    const { postgres, nats, redis } = this.#fleet;
    const of = (pid: number | null) => (pid === null ? 0 : cpuUs(pid));
    const service = (name: 'gateway' | 'ledger') => of(this.#fleet.of(name)[0]?.process.pid ?? null);
    const { streams } = createSubjects();
    const [log, events] = await Promise.all([
      this.#manager.streams.info(streams.commands),
      this.#manager.streams.info(streams.events),
    ]);
    const { rows } = await this.#db.query<Record<'wal' | 'tables' | 'indexes', string>>(
      `SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS wal,
         pg_table_size('ledger.transactions') AS tables, pg_indexes_size('ledger.transactions') AS indexes`,
    );
    return {
      tableBytesPerCharge: Number(rows[0]!.tables),
      indexBytesPerCharge: Number(rows[0]!.indexes),
      walBytesPerCharge: Number(rows[0]!.wal),
      logBytesPerCharge: log.state.bytes,
      eventBytesPerCharge: events.state.bytes,
      gatewayCpuPerCharge: service('gateway'),
      ledgerCpuPerCharge: service('ledger'),
      natsCpuPerCharge: of(nats.pid),
      postgresCpuPerCharge: postgres.pid === null ? 0 : cpuOfFamilyUs(postgres.pid),
      redisCpuPerCharge: of(redis.pid),
    };
  }

  async close(): Promise<void> {
    await this.#db.end();
    await this.#nc.close();
  }
}
