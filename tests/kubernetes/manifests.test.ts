import path from 'node:path';
import { SERVICES } from '@b2b-charge/contracts';
import { parseSettings } from '@b2b-charge/runtime';
import { afterAll, describe, expect, test } from 'vitest';
import { SETTINGS } from '../../scripts/settings-schemas.ts';
import { heapOf } from '../compose/compose-file.ts';
import { onThisMachine, trialSecrets } from '../compose/trial-secrets.ts';
import { everything, kustomization, type Manifest, ofKind, workloads } from './manifests.ts';
import { selects } from './policies.ts';

const manifests = everything();
const pods = workloads(manifests);
const each = pods.map(({ name, kind, template }) => ({ name, kind, template }));
const find = (kind: string, name: string) =>
  ofKind(manifests, kind).find(({ metadata }) => metadata.name === name);
const labelsOf = (kind: string, name: string) =>
  pods.find((pod) => pod.kind === kind && pod.name === name)!.template.metadata.labels;
const secrets = trialSecrets();
afterAll(() => secrets[Symbol.dispose]());

describe.each(SERVICES)('%s', (service) => {
  const deployment = find('Deployment', service);
  const container = deployment.spec.template.spec.containers[0];

  test('has an account, a name for Prometheus, a disruption budget, and an image of its version', () => {
    expect(find('ServiceAccount', service).automountServiceAccountToken).toBe(false);
    expect(deployment.spec.template.spec.serviceAccountName).toBe(service);
    expect(find('Service', service).spec).toMatchObject({ clusterIP: 'None', ports: [{ port: 9100 }] });
    expect(find('PodDisruptionBudget', service).spec.maxUnavailable).toBe(1);
    const images = kustomization('production').images!;
    expect(images).toContainEqual(expect.objectContaining({ name: `b2b-charge-${service}` }));
  });

  test('is asked where it answers whether it lives and is ready', () => {
    const { OPS_PORT, OPS_HOST } = find('ConfigMap', 'settings').data;
    expect(container.ports).toContainEqual({ name: 'ops', containerPort: Number(OPS_PORT) });
    expect(OPS_HOST).toBe('0.0.0.0');
    expect(container.envFrom).toContainEqual({ configMapRef: { name: 'settings' } });
    expect(container.livenessProbe.httpGet).toEqual({ path: '/live', port: 'ops' });
    expect(container.startupProbe.httpGet).toEqual({ path: '/live', port: 'ops' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/ready', port: 'ops' });
  });

  test('gets more time to end than it takes', () => {
    const pause = container.lifecycle?.preStop.sleep.seconds ?? 0;
    // runService gives up after 10 s.
    expect(deployment.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(10 + pause);
  });

  test('has a limit of memory that holds its heap, and a quarter more', () => {
    const limit = /^(\d+)Mi$/.exec(container.resources.limits.memory)![1];
    expect(Number(limit)).toBeGreaterThanOrEqual(heapOf(service) * 1.25);
  });

  test('is spread over machines and zones', () => {
    const constraints = deployment.spec.template.spec.topologySpreadConstraints;
    expect(constraints.map(({ topologyKey }: Manifest) => topologyKey)).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ]);
  });
});

test.each(Object.entries(SETTINGS))('%s: its settings are known, complete and good', (name, schema) => {
  const pod = pods.find((workload) => workload.name === name)!.template.spec;
  const mounted = pod.volumes.find((volume: Manifest) => volume.name === 'secrets').secret.secretName;
  expect(mounted).toBe(name);
  const env = environmentOf(pod.containers[0]);
  for (const variable of Object.keys(env)) {
    const known = variable in schema.shape || variable.replace(/_FILE$/, '') in schema.shape;
    // What all services share, one of them may have no use for.
    expect(known || variable in find('ConfigMap', 'settings').data, variable).toBe(true);
  }
  const settings = parseSettings(
    schema,
    onThisMachine(env, (file) => file.replace('/run/secrets/b2b', path.join(secrets.folder, mounted))),
  );
  expect(settings).toMatchObject({ NATS_NKEY_SEED: expect.stringMatching(/^SU/) });
  expect('REDIS_URL' in settings).toBe('REDIS_URL' in schema.shape);
});

/** As the container gets it. */
function environmentOf({ env = [], envFrom = [] }: Manifest): Record<string, string> {
  const shared = envFrom.map(({ configMapRef }: Manifest) => find('ConfigMap', configMapRef.name).data);
  const own = env.map(({ name, value, valueFrom }: Manifest) => {
    const { configMapKeyRef: ref } = valueFrom ?? {};
    return [name, value ?? find('ConfigMap', ref.name).data[ref.key]];
  });
  return Object.assign({}, ...shared, Object.fromEntries(own)) as Record<string, string>;
}

describe.each(each)('$kind $name', ({ template }) => {
  const { spec } = template;

  test('has no rights, no token, nothing to write to', () => {
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(spec.hostNetwork ?? spec.hostPID ?? spec.hostIPC).toBeUndefined();
    for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
      expect(container.securityContext).toEqual({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
    }
    const kinds = spec.volumes
      .flatMap((volume: Manifest) => Object.keys(volume))
      .filter((key: string) => key !== 'name');
    for (const kind of kinds) expect(['secret', 'emptyDir', 'projected']).toContain(kind);
  });

  test('asks for what it needs, and gets no more than its limits; runs a version', () => {
    for (const { resources, image } of spec.containers) {
      for (const amounts of [resources.requests, resources.limits]) {
        expect(Object.keys(amounts).toSorted()).toEqual(['cpu', 'memory']);
      }
      const ours = /^b2b-charge-\w+$/.test(image);
      const pinned = /:\d[\w.-]*$/.test(image);
      expect(ours || pinned, image).toBe(true);
    }
  });
});

/** Services with an address, by the workload that they lead to. */
const ADDRESSES: Record<string, string> = { api: 'gateway', console: 'backoffice' };

test('every selector selects the pods that it is meant for', () => {
  const workloads = [...ofKind(manifests, 'Deployment'), ...ofKind(manifests, 'StatefulSet')];
  for (const { metadata, spec } of workloads) {
    const { labels } = spec.template.metadata;
    expect(selects(spec.selector, labels), metadata.name).toBe(true);
    for (const { labelSelector } of spec.template.spec.topologySpreadConstraints ?? []) {
      expect(selects(labelSelector, labels), metadata.name).toBe(true);
    }
  }
  const services = ofKind(manifests, 'Service').filter(({ spec }) => spec.selector);
  const selectors = [
    ...services.map(({ metadata, spec }) => ({ metadata, selector: { matchLabels: spec.selector } })),
    ...ofKind(manifests, 'PodDisruptionBudget').map(({ metadata, spec }) => ({ metadata, ...spec })),
  ];
  for (const { metadata, selector } of selectors) {
    const selected = pods.filter(({ template }) => selects(selector, template.metadata.labels));
    expect(selected.map(({ name }) => name)).toEqual([ADDRESSES[metadata.name] ?? metadata.name]);
  }
  expect([workloads.length, services.length, selectors.length - services.length]).not.toContain(0);
});

test('every port of a service is a port of its pods', () => {
  for (const { metadata, spec } of ofKind(manifests, 'Service').filter((service) => service.spec.selector)) {
    const [pod] = pods.filter(({ template }) =>
      selects({ matchLabels: spec.selector }, template.metadata.labels),
    );
    const names = pod!.template.spec.containers[0].ports.map(({ name }: Manifest) => name);
    for (const { targetPort } of spec.ports) expect(names, metadata.name).toContain(targetPort);
  }
});

test('the ingress serves the API over TLS, to hosts that the gateway knows, and not its metrics', () => {
  const { spec } = find('Ingress', 'api');
  const hosts = find('ConfigMap', 'gateway-settings').data.ALLOWED_HOSTS.split(',');
  expect(spec.tls[0].hosts).toEqual(spec.rules.map(({ host }: Manifest) => host));
  expect(hosts).toEqual(expect.arrayContaining(spec.tls[0].hosts));
  const backends = Object.fromEntries(
    spec.rules[0].http.paths.map(({ path: at, backend }: Manifest) => [at, backend.service.name]),
  );
  expect(backends).toEqual({ '/api/metrics': 'nowhere', '/': 'api' });
  expect(find('Service', 'nowhere').spec.selector).toBeUndefined();
  const listens = find('ConfigMap', 'gateway-settings').data.PORT;
  expect(pods.find(({ name }) => name === 'gateway')!.template.spec.containers[0].ports).toContainEqual({
    name: 'http',
    containerPort: Number(listens),
  });
});

test('the console has a host of its own, over TLS, for private addresses alone', () => {
  const { metadata, spec } = find('Ingress', 'console');
  expect(spec.tls[0].hosts).toEqual(spec.rules.map(({ host }: Manifest) => host));
  expect(find('ConfigMap', 'backoffice-settings').data.ALLOWED_HOSTS.split(',')).toEqual(spec.tls[0].hosts);
  expect(spec.rules[0].http.paths[0].backend.service.name).toBe('console');
  expect(metadata.annotations['nginx.ingress.kubernetes.io/whitelist-source-range']).toBe('10.0.0.0/8');
  const api = find('Ingress', 'api').spec.tls[0].hosts;
  for (const host of spec.tls[0].hosts) expect(api).not.toContain(host);
});

test('the gateway scales by its processor, the ledger by the lag of its lanes, never beyond them', () => {
  const gateway = find('HorizontalPodAutoscaler', 'gateway').spec;
  expect(gateway.metrics[0].resource.name).toBe('cpu');
  expect(labelsOf(gateway.scaleTargetRef.kind, gateway.scaleTargetRef.name)).toBeDefined();
  const ledger = find('ScaledObject', 'ledger').spec;
  expect(labelsOf('Deployment', ledger.scaleTargetRef.name)).toBeDefined();
  expect(ledger.triggers[0].metadata.query).toContain('b2b_ledger_lane_lag_seconds');
  expect(ledger.minReplicaCount).toBeGreaterThanOrEqual(2);
  expect(ledger.maxReplicaCount).toBeLessThanOrEqual(Number(find('ConfigMap', 'settings').data.LANES));
});

test('what is not scaled by anything has its number, and two of it where one is not enough', () => {
  const scaled = ['gateway', 'ledger'];
  const fixed = ofKind(manifests, 'Deployment').filter(({ metadata }) => !scaled.includes(metadata.name));
  expect(fixed).not.toEqual([]);
  for (const { metadata, spec } of fixed) expect(spec.replicas, metadata.name).toBeGreaterThanOrEqual(1);
  expect(find('StatefulSet', 'nats').spec.replicas).toBe(3);
  expect(find('Cluster', 'postgres').spec).toMatchObject({
    instances: 3,
    postgresql: { synchronous: { number: 1 } },
  });
});

test('the namespace takes restricted pods only', () => {
  expect(find('Namespace', 'b2b-charge').metadata.labels).toHaveProperty(
    ['pod-security.kubernetes.io/enforce'],
    'restricted',
  );
});
