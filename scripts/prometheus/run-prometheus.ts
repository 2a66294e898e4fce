import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { localStackFile, UsageError } from '@b2b-charge/runtime';
import {
  findPrometheus,
  readStackFile,
  type StackFile,
  serverSources,
  startGuardian,
} from '@b2b-charge/stack';

const ROOT = path.join(import.meta.dirname, '../..');

/**
 * Runs Prometheus with our rules beside a running local stack until it is ended. The binary is the machine's, or that of
 * Debian's package, unpacked into the cache folder. Returns its exit code. Throws UsageError if no stack runs.
 */
export async function runPrometheus(port: number, env: NodeJS.ProcessEnv): Promise<number> {
  const stack = readStackFile(env);
  if (!stack) throw new UsageError('no local stack runs: start one with npm start in another terminal');
  const folder = path.join(path.dirname(localStackFile(env)), 'prometheus');
  const guardian = startGuardian();
  const { prometheus, webFolder } = await findPrometheus({
    sources: serverSources(env),
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
      `--web.listen-address=127.0.0.1:${port}`,
      // Only Debian's has this option.
      ...(webFolder ? [`--web.local-assets=${webFolder}`] : []),
      '--log.level=warn',
    ],
    { stdio: 'inherit' },
  );
  guardian.watch({ pid: running.pid!, signal: 'SIGTERM', stage: 0 });
  console.log(`http://127.0.0.1:${port}; Ctrl-C ends it`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => running.kill('SIGTERM'));
  const exitCode = await new Promise<number>((resolve) => running.once('exit', (code) => resolve(code ?? 1)));
  await guardian.close();
  return exitCode;
}

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
