import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SERVICES, type ServiceName } from '@b2b-charge/contracts';
import { expect, test } from 'vitest';
import { SETTINGS } from '../../scripts/settings-schemas.ts';
import { PRODUCTION, ROOT, readComposeFile } from '../compose/compose-file.ts';
import { everything, ofKind } from '../kubernetes/manifests.ts';

/** Of every server: for superusers, backups and whoever looks for what is wrong. */
const KEPT_FREE = 20;
const POSTGRES_DEFAULT = 100;

/** Connections that one process may hold: its pool's, and the ledger's one that writes. */
const heldBy = (service: ServiceName): number =>
  Number(SETTINGS[service].shape.DATABASE_POOL_MAX.parse(undefined)) + (service === 'ledger' ? 1 : 0);

const heldByAll = (processes: (service: ServiceName) => number): number =>
  SERVICES.reduce((sum, service) => sum + processes(service) * heldBy(service), 0);

const operations = readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8');

/** The table of connections by the first cell of its rows: the first product or number of each other cell. */
function documented(): Record<string, string[]> {
  const [, table] = /\n\| service \| connections of one process .*\n[-|]+\n((?:\|.*\n)+)/.exec(operations)!;
  const rows = table!.trimEnd().split('\n');
  const cells = rows.map((row) => row.split('|').slice(1, -1));
  return Object.fromEntries(cells.map(([name, ...rest]) => [name!.trim(), rest.map(figureIn)]));
}
const figureIn = (cell: string): string => /\d+( × \d+)?/.exec(cell)?.[0] ?? '';

const manifests = everything();
const inCompose = (service: ServiceName): number =>
  readComposeFile(PRODUCTION).services[service]!.deploy?.replicas ?? 1;
const inKubernetes = (service: ServiceName): number => {
  const scaled = [...ofKind(manifests, 'HorizontalPodAutoscaler'), ...ofKind(manifests, 'ScaledObject')];
  const { spec } = scaled.find(({ metadata }) => metadata.name === service) ?? {};
  const deployment = ofKind(manifests, 'Deployment').find(({ metadata }) => metadata.name === service);
  return spec?.maxReplicas ?? spec?.maxReplicaCount ?? deployment.spec.replicas;
};
const [cluster] = ofKind(manifests, 'Cluster');
const maxConnections = Number(cluster.spec.postgresql.parameters.max_connections);

test('docs/operations.md has the connections of each service, and their sums', () => {
  const rows = SERVICES.map((service) => {
    const held = heldBy(service);
    return [service, [`${held}`, `${inCompose(service)} × ${held}`, `${inKubernetes(service)} × ${held}`]];
  });
  expect(documented()).toEqual({
    ...Object.fromEntries(rows),
    'in sum': ['', `${heldByAll(inCompose)}`, `${heldByAll(inKubernetes)}`],
  });
  expect(operations).toContain(`${heldByAll(inCompose)} of ${POSTGRES_DEFAULT}`);
  expect(operations).toContain(`${heldByAll(inKubernetes)} of ${maxConnections}`);
});

test('compose: all processes together hold fewer than PostgreSQL has', () => {
  expect(heldByAll(inCompose)).toBeLessThanOrEqual(POSTGRES_DEFAULT - KEPT_FREE);
});

test('Kubernetes: at the greatest number of processes they hold fewer than PostgreSQL has', () => {
  expect(heldByAll(inKubernetes)).toBeLessThanOrEqual(maxConnections - KEPT_FREE);
});
