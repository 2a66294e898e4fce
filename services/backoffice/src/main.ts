import { runService } from '@b2b-charge/runtime';
import { parseConfig } from './config.ts';
import { backofficeMigrations as migrations } from './db/migrations/index.ts';
import { startBackoffice } from './service.ts';

await runService({
  name: 'backoffice',
  migrations,
  parseConfig,
  start: startBackoffice,
  drainMs: (config) => config.DRAIN_MS,
});
