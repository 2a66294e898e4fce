import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { localStackFile } from '@b2b-charge/runtime';
import {
  findPrometheus,
  readStackFile,
  type StackFile,
  serverSources,
  startGuardian,
} from '@b2b-charge/stack';

/**
 * Prometheus beside a running `npm start`, with our rules: its pages show what the services export and which alerts fire.
 * From the machine, or from Debian's package unpacked into the cache folder.
 */
const { values } = parseArgs({ options: { port: { type: 'string', default: '9090' } } });
const ROOT = path.dirname(import.meta.dirname);
const folder = path.join(path.dirname(localStackFile(process.env)), 'prometheus');

/** Each service is a job of its own, as in deploy/prometheus/prometheus.yml. */
function configOf({ ops }: StackFile): string {
  const jobs = Object.entries(ops).map(
    ([service, url]) =>
      `  - job_name: ${service}\n    static_configs: [{ targets: ["${new URL(url).host}"] }]`,
  );
  const rules = path.join(ROOT, 'deploy/prometheus/alerts.yml');
  return [
    'global: { scrape_interval: 2s, evaluation_interval: 2s }',
    `rule_files: [${JSON.stringify(rules)}]`,
    'scrape_configs:',
    ...jobs,
    '',
  ].join('\n');
}

const stack = readStackFile(process.env);
if (!stack) {
  console.error('nothing runs here: npm start, in another terminal');
  process.exitCode = 1;
} else {
  const guardian = startGuardian();
  const { prometheus, webFolder } = await findPrometheus({
    sources: serverSources(process.env),
    guardian,
    progress: (line) => console.log(line),
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'prometheus.yml'), configOf(stack));
  const running = spawn(
    prometheus,
    [
      `--config.file=${path.join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${path.join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${values.port}`,
      // Debian's alone has this option.
      ...(webFolder ? [`--web.local-assets=${webFolder}`] : []),
      '--log.level=warn',
    ],
    { stdio: 'inherit' },
  );
  guardian.watch({ pid: running.pid!, signal: 'SIGTERM', stage: 0 });
  console.log(`http://127.0.0.1:${values.port}; Ctrl-C ends it`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => running.kill('SIGTERM'));
  process.exitCode = await new Promise<number>((resolve) =>
    running.once('exit', (code) => resolve(code ?? 1)),
  );
  await guardian.close();
}
