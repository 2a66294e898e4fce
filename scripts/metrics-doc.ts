import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ServiceName } from '@b2b-charge/contracts';
import { type DescribedMetric, serviceMetrics } from './service-metrics.ts';

/** Writes docs/metrics.md from the registries that the services export; with --check only says whether it is current. */
const FILE = path.join(path.dirname(import.meta.dirname), 'docs/metrics.md');

const services = serviceMetrics();
const everywhere = (name: string) =>
  services.every(({ metrics }) => metrics.some((metric) => metric.name === name));

function table(metrics: readonly DescribedMetric[]): string {
  const rows = metrics
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, labelNames, help }) => {
      const labels = labelNames.map((label) => `\`${label}\``).join(', ') || '–';
      return `| \`${name}\` | ${type} | ${labels} | ${help.replace(/\.$/, '').replaceAll('|', '\\|')} |`;
    });
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

const TITLES: Record<ServiceName, string> = {
  gateway: 'Gateway',
  backoffice: 'Back office',
  ledger: 'Ledger',
  credits: 'Credits',
  reconciler: 'Reconciler',
  webhooks: 'Webhooks',
};

const page = [
  '# Metrics',
  '',
  'What each service exports at `/metrics` of its `OPS_PORT` (the gateway also at `/api/metrics/`), made from the registries',
  'themselves (`node scripts/metrics-doc.ts`). Units stand in the names; a histogram has `_bucket`, `_sum` and `_count`.',
  'What Prometheus does with them: [observability.md](observability.md).',
  '',
  '## Every service',
  '',
  table(services[0]!.metrics.filter(({ name }) => everywhere(name))),
  '',
  ...services.flatMap(({ service, metrics }) => [
    `## ${TITLES[service]}`,
    '',
    table(metrics.filter(({ name }) => !everywhere(name))),
    '',
  ]),
].join('\n');

if (!process.argv.includes('--check')) writeFileSync(FILE, page);
else if (readFileSync(FILE, 'utf8') !== page) {
  console.error('docs/metrics.md is not what the services export: node scripts/metrics-doc.ts');
  process.exitCode = 1;
}
