import { runService } from '@b2b-charge/runtime';
import { parseConfig } from './config.ts';
import { gatewayMigrations as migrations } from './db/migrations/index.ts';
import { startGateway } from './service.ts';

await runService({
  name: 'gateway',
  migrations,
  parseConfig,
  start: startGateway,
  drainMs: (config) => config.DRAIN_MS,
});
