import { runService } from '@b2b-charge/runtime';
import { parseConfig } from './config.ts';
import { startGateway } from './service.ts';

await runService({ name: 'gateway', parseConfig, start: startGateway, drainMs: (config) => config.DRAIN_MS });
