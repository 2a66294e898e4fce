import { SERVICES, type ServiceName } from '@b2b-charge/contracts';
import { expect, test } from 'vitest';
import { SETTINGS } from '../../scripts/settings-schemas.ts';
import { PRODUCTION, readComposeFile } from '../compose/compose-file.ts';
import { everything, ofKind } from '../kubernetes/manifests.ts';

/** Of every server: for superusers, backups and whoever looks for what is wrong. */
const KEPT_FREE = 20;
const POSTGRES_DEFAULT = 100;

/** Connections that one process may hold: its pool's, and the ledger's one that writes. */
const heldBy = (service: ServiceName): number =>
  Number(SETTINGS[service].shape.DATABASE_POOL_MAX.parse(undefined)) + (service === 'ledger' ? 1 : 0);

const heldByAll = (processes: (service: ServiceName) => number): number =>
  SERVICES.reduce((sum, service) => sum + processes(service) * heldBy(service), 0);

test('docs/operations.md says how many connections one process of each service holds', () => {
  expect(Object.fromEntries(SERVICES.map((service) => [service, heldBy(service)]))).toEqual({
    gateway: 5,
    ledger: 5,
    credits: 5,
    reconciler: 6,
    webhooks: 10,
  });
});

test('compose: all processes together, hold fewer than PostgreSQL has', () => {
  const { services } = readComposeFile(PRODUCTION);
  const all = heldByAll((service) => services[service]!.deploy?.replicas ?? 1);
  expect(all).toBe(41);
  expect(all).toBeLessThanOrEqual(POSTGRES_DEFAULT - KEPT_FREE);
});

test('Kubernetes: at the greatest number of processes they hold fewer than PostgreSQL has', () => {
  const manifests = everything();
  const most = (service: ServiceName): number => {
    const scaled = [...ofKind(manifests, 'HorizontalPodAutoscaler'), ...ofKind(manifests, 'ScaledObject')];
    const { spec } = scaled.find(({ metadata }) => metadata.name === service) ?? {};
    const deployment = ofKind(manifests, 'Deployment').find(({ metadata }) => metadata.name === service);
    return spec?.maxReplicas ?? spec?.maxReplicaCount ?? deployment.spec.replicas;
  };
  const [cluster] = ofKind(manifests, 'Cluster');
  const { max_connections } = cluster.spec.postgresql.parameters;
  const all = heldByAll(most);
  expect(all).toBe(136);
  expect(all).toBeLessThanOrEqual(Number(max_connections) - KEPT_FREE);
});
