import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findPrometheus, serverSources, startGuardian } from '@b2b-charge/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemsOf } from './expressions.ts';

const run = promisify(execFile);
const ROOT = path.join(import.meta.dirname, '../..');
const at = (file: string) => path.join(ROOT, file);
const read = (file: string) => readFile(at(file), 'utf8');

let promtool: string;
let folder: string;
const guardian = startGuardian();
beforeAll(async () => {
  promtool = (await findPrometheus({ sources: serverSources(process.env), guardian })).promtool;
  folder = await mkdtemp(path.join(tmpdir(), 'promtool-'));
}, 300_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await guardian.close();
});

interface Panel {
  readonly type: string;
  readonly title: string;
  readonly targets?: readonly { expr: string; legendFormat: string; datasource: { uid: string } }[];
}

async function dashboard(): Promise<Panel[]> {
  return JSON.parse(await read('deploy/grafana/dashboards/b2b-charge.json')).panels;
}

/** name, expression */
async function alerts(): Promise<[string, string][]> {
  const text = await read('deploy/prometheus/alerts.yml');
  const found = [...text.matchAll(/- alert: (\w+)\n\s+expr: (?:>-\n\s+)?(.+)\n/g)];
  expect(found).toHaveLength(text.split('- alert:').length - 1);
  return found.map(([, name, expr]) => [name!, expr!]);
}

test('promtool takes the configuration and the rules, and each alert fires when it should', async () => {
  await run(promtool, ['check', 'config', at('deploy/prometheus/prometheus.yml')]);
  await run(promtool, ['check', 'rules', at('deploy/prometheus/alerts.yml')]);
  await run(promtool, ['test', 'rules', at('deploy/prometheus/alerts.test.yml')]);
  const tests = await read('deploy/prometheus/alerts.test.yml');
  for (const [name] of await alerts()) expect(tests).toContain(`alertname="${name}"`);
});

test('each alert says how bad it is, what it is, and where its entry stands in the runbook; none is left over', async () => {
  const text = await read('deploy/prometheus/alerts.yml');
  const blocks = text.split(/\n {6}- alert: /).slice(1);
  const anchors = blocks.map((block) => {
    expect(block).toMatch(/severity: (critical|warning)/);
    expect(block).toMatch(/summary: "[A-Z{]/);
    expect(block).toMatch(/description: "/);
    return /runbook_url: docs\/runbook\.md#([a-z-]+)/.exec(block)![1];
  });
  const runbook = await read('docs/runbook.md');
  const entries = runbook.split(/\n## /).slice(1);
  expect(entries.map((entry) => entry.split('\n')[0])).toEqual(anchors);
  for (const entry of entries) {
    for (const part of ['Symptom', 'Meaning', 'Look', 'Do', 'Never']) expect(entry).toContain(`**${part}.**`);
  }
});

test('commands and settings that the runbook names exist', async () => {
  const runbook = await read('docs/runbook.md');
  const { scripts } = JSON.parse(await read('package.json'));
  const named = (pattern: RegExp): string[] => {
    const names = [...runbook.matchAll(pattern)].map(([, name]) => name!);
    expect(names, String(pattern)).not.toEqual([]);
    return names;
  };
  for (const script of named(/npm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(script);
  const settings = `${await read('docs/settings.md')} the stream \`LEDGER_EVENTS\``;
  for (const setting of named(/`([A-Z]+(?:_[A-Z]+)+)(?:=\w+)?`/g))
    expect(settings).toContain(`\`${setting}\``);
  for (const metric of named(/`(b2b_[^`]+)`/g)) {
    const found = [metric, `${metric}_count`].some((series) => problemsOf(series).length === 0);
    expect(found, metric).toBe(true);
  }
});

test('every expression of the alerts and of the dashboard parses, and names what the services export', async () => {
  const panels = await dashboard();
  const targets = panels.flatMap((panel) =>
    (panel.targets ?? []).map((target) => ({ panel: panel.title, ...target })),
  );
  expect(targets.length).toBeGreaterThan(40);
  expect(new Set(targets.map(({ datasource }) => datasource.uid))).toEqual(new Set(['prometheus']));
  const shown = targets.map(({ panel, expr }) => [panel, expr.replaceAll('$__rate_interval', '1m')] as const);
  for (const [where, expr] of [...(await alerts()), ...shown])
    expect(problemsOf(expr), `${where}: ${expr}`).toEqual([]);
  const rules = shown.map(
    ([, expr], index) => `      - { record: "r:${index}", expr: ${JSON.stringify(expr)} }`,
  );
  const file = path.join(folder, 'dashboard.yml');
  await writeFile(file, `groups:\n  - name: dashboard\n    rules:\n${rules.join('\n')}\n`);
  await run(promtool, ['check', 'rules', file]);
});

test('a name or a label that nobody exports is noticed', () => {
  expect(problemsOf('sum by (lane) (b2b_ledger_lane_lag_seconds{lan="1"}) > b2b_ledger_lanes_onwed')).toEqual(
    ['b2b_ledger_lane_lag_seconds has no label lan', 'no service exports b2b_ledger_lanes_onwed'],
  );
  expect(problemsOf('sum by (status) (rate(b2b_ledger_decisions_total[1m]))')).toEqual([
    'nothing here has the label status',
  ]);
  expect(problemsOf('b2b_gateway_request_seconds')).toHaveLength(1);
});
