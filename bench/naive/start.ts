import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Database } from '../harness/database.ts';
import { SERVICE_SETTINGS, type Stage } from '../harness/stage.ts';
import { type Program, startProgram } from '../harness/start-program.ts';

export interface NaiveOptions {
  readonly pool: number;
  readonly lock: boolean;
  readonly pipeline: boolean;
}

/** Starts the compared service as a process of its own, on a database of its own, with the stage's Redis. */
export function startNaive(stage: Stage, database: Database, options: NaiveOptions): Promise<Program> {
  const logDir = path.join(stage.fleet.folder, 'naive-logs');
  mkdirSync(logDir, { recursive: true });
  return startProgram(path.join(import.meta.dirname, 'main.ts'), {
    ...SERVICE_SETTINGS,
    DATABASE_URL: database.url,
    REDIS_URL: stage.fleet.redis.url,
    PORT: '0',
    LOG_DIR: logDir,
    POOL: String(options.pool),
    LOCK: options.lock ? '1' : '0',
    PIPELINE: options.pipeline ? '1' : '0',
  });
}
