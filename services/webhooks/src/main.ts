import { runService } from '@b2b-charge/runtime';
import { parseConfig } from './config.ts';
import { startWebhooks } from './service.ts';

await runService({ name: 'webhooks', parseConfig, start: startWebhooks });
