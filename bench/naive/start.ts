import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Database } from '../harness/database.ts';
import { SERVICE_SETTINGS, type Stage } from '../harness/stage.ts';

export interface NaiveOptions {
  readonly pool: number;
  readonly lock: boolean;
  readonly pipeline: boolean;
}

export interface NaiveService extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
}

const STARTS_WITHIN_MS = 15_000;

/** Starts the compared service as a process of its own, on a database of its own, with the stage's Redis. */
export async function startNaive(
  stage: Stage,
  database: Database,
  options: NaiveOptions,
): Promise<NaiveService> {
  const logDir = path.join(stage.fleet.folder, 'naive-logs');
  mkdirSync(logDir, { recursive: true });
  const child = fork(path.join(import.meta.dirname, 'main.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      ...SERVICE_SETTINGS,
      DATABASE_URL: database.url,
      REDIS_URL: stage.fleet.redis.url,
      PORT: '0',
      LOG_DIR: logDir,
      POOL: String(options.pool),
      LOCK: options.lock ? '1' : '0',
      PIPELINE: options.pipeline ? '1' : '0',
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the compared service did not start')), STARTS_WITHIN_MS);
    child.once('message', (message: { port: number }) => {
      clearTimeout(timer);
      resolve(message.port);
    });
    child.once('exit', (code) => reject(new Error(`the compared service ended with ${code}`)));
  });
  return { port, pid: child.pid!, [Symbol.asyncDispose]: () => stop(child) };
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    if (child.connected) child.disconnect();
  });
}
