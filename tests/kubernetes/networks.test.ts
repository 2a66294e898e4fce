import { SERVICES } from '@b2b-charge/contracts';
import { expect, test } from 'vitest';
import { SETTINGS } from '../../scripts/settings-schemas.ts';
import { everything } from './manifests.ts';
import { createFirewall, ourPods, type Peer } from './policies.ts';

const manifests = everything();
const allows = createFirewall(manifests);
/** The operator makes these. */
const postgres: Peer = { labels: { 'cnpg.io/cluster': 'postgres' } };
const pods: Record<string, Peer> = { ...ourPods(manifests), postgres };
const ingress: Peer = { namespace: 'ingress-nginx', labels: {} };
const prometheus: Peer = { namespace: 'monitoring', labels: {} };
const operator: Peer = { namespace: 'cnpg-system', labels: {} };
const dns: Peer = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
const stranger: Peer = { namespace: 'default', labels: { 'app.kubernetes.io/name': 'gateway' } };

const outside: Peer[] = ['198.51.100.9', '2001:db8::9'].map((address) => ({ address, labels: {} }));
const metadataServer: Peer = { address: '169.254.169.254', labels: {} };
const privateHost: Peer = { address: '10.2.3.4', labels: {} };

/** What a setting of a service connects it to. */
const REACHES = {
  DATABASE_URL: ['postgres', 5432],
  NATS_URL: ['nats', 4222],
  REDIS_URL: ['redis', 6379],
} as const;

test.each(Object.entries(SETTINGS))(
  '%s: reaches what its settings name, and nothing else of ours',
  (name, schema) => {
    const needed = Object.entries(REACHES).filter(([setting]) => setting in schema.shape);
    for (const [other, peer] of Object.entries(pods)) {
      for (const port of [4222, 5432, 6222, 6379, 8000, 8010, 8222, 9100]) {
        if (other === name) continue;
        const expected = needed.some(([, [needs, at]]) => needs === other && at === port);
        expect(allows(pods[name]!, peer, port), `${name} to ${other}:${port}`).toBe(expected);
      }
    }
    expect(allows(pods[name]!, dns, 53)).toBe(true);
    expect(allows(pods[name]!, stranger, 443)).toBe(false);
  },
);

test('the ingress controller reaches the API and the console alone', () => {
  const open: Record<string, number> = { gateway: 8000, backoffice: 8010 };
  for (const [name, pod] of Object.entries(pods)) {
    for (const port of [4222, 5432, 6379, 8000, 8010, 9100]) {
      expect(allows(ingress, pod, port), `${name}:${port}`).toBe(open[name] === port);
    }
  }
});

test('Prometheus reaches the ops port of every service, and only that', () => {
  for (const [name, pod] of Object.entries(pods)) {
    for (const port of [4222, 5432, 6379, 8000, 8222, 9100]) {
      const expected = port === 9100 && SERVICES.some((service) => service === name);
      expect(allows(prometheus, pod, port), `${name}:${port}`).toBe(expected);
    }
  }
});

test('webhooks alone gets out, to public addresses, on the ports that an endpoint may have', () => {
  const { WEBHOOK_PORTS } = SETTINGS.webhooks.shape;
  for (const [name, pod] of Object.entries(pods)) {
    if (name === 'postgres') continue;
    for (const { from } of WEBHOOK_PORTS.parse(undefined)) {
      for (const peer of outside)
        expect(allows(pod, peer, from), `${name}:${from}`).toBe(name === 'webhooks');
      for (const peer of [metadataServer, privateHost]) expect(allows(pod, peer, from), name).toBe(false);
    }
    for (const peer of outside) expect(allows(pod, peer, 80), name).toBe(false);
  }
});

test('the servers talk to their own kind, and to nobody', () => {
  expect(allows(pods.nats!, pods.nats!, 6222)).toBe(true);
  expect(allows(postgres, postgres, 5432)).toBe(true);
  expect(allows(operator, postgres, 8000)).toBe(true);
  for (const server of ['nats', 'redis', 'postgres']) {
    for (const [name, pod] of Object.entries(pods)) {
      if (name === server) continue;
      for (const port of [4222, 5432, 6379, 8000, 9100]) {
        expect(allows(pods[server]!, pod, port), `${server} to ${name}:${port}`).toBe(false);
      }
    }
    for (const port of [4222, 5432, 6222, 6379]) expect(allows(stranger, pods[server]!, port)).toBe(false);
  }
});

test('a pod that no policy knows gets nowhere', () => {
  const unknown: Peer = { labels: { 'app.kubernetes.io/name': 'miner' } };
  for (const pod of Object.values(pods)) {
    for (const port of [4222, 5432, 6379, 8000, 9100]) expect(allows(unknown, pod, port)).toBe(false);
  }
});
