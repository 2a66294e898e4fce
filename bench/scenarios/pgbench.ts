import { execFile } from 'node:child_process';
import { accessSync, constants, globSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { databaseAt } from '../harness/database.ts';
import type { Figure } from '../harness/figure.ts';
import type { Scenario } from './scope.ts';

const run = promisify(execFile);
const SCALE = 10;
const CLIENTS = 8;
const QUICK_S = 3;
const SECONDS = 10;

const WAYS = [
  {
    name: 'pgbench-simple',
    title: "pgbench's own transaction without the contended updates (-N)",
    flags: ['-N'],
  },
  { name: 'pgbench-tpcb', title: "pgbench's own transaction (TPC-B like)", flags: [] },
];

/** PostgreSQL's own yardstick on the same server: how fast are transactions of three statements here at all? */
export const pgbench: Scenario = {
  name: 'pgbench',
  about: `pgbench's own transactions on the same server, ${CLIENTS} clients, prepared statements`,
  async run({ stage, services, quick }) {
    await services.want({ ledgers: 0, gateways: 0 });
    const head = { group: 'compare', discrepancies: [] };
    const program = findPgbench();
    if (!program) {
      return [
        { ...head, scenario: 'pgbench', title: 'pgbench', notes: ['not measured: there is no pgbench here'] },
      ];
    }
    const { postgres } = stage.fleet;
    await databaseAt(postgres.url).query('CREATE DATABASE pgbench');
    const url = new URL(postgres.url);
    const env = { PATH: process.env.PATH, PGPASSWORD: decodeURIComponent(url.password) };
    const where = ['-h', url.hostname, '-p', url.port, '-U', url.username, 'pgbench'];
    await run(program, ['-i', '-q', '-s', String(SCALE), ...where], { env });
    const figures: Figure[] = [];
    for (const { name, title, flags } of WAYS) {
      const args = [...flags, '-c', String(CLIENTS), '-j', '2', '-M', 'prepared'];
      const { stdout } = await run(program, [...args, '-T', String(quick ? QUICK_S : SECONDS), ...where], {
        env,
      });
      const rate = Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
      figures.push({ ...head, scenario: name, title, outcomesPerS: rate, notes: [`scale ${SCALE}`] });
    }
    return figures;
  },
};

function findPgbench(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/bin'];
  const candidates = [
    ...folders.map((folder) => path.join(folder, 'pgbench')),
    ...globSync('/usr/lib/postgresql/*/bin/pgbench'),
  ];
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
