import { runService } from '@b2b-charge/runtime';
import { parseConfig } from './config.ts';
import { webhooksMigrations as migrations } from './db/migrations/index.ts';
import { startWebhooks } from './service.ts';

await runService({ name: 'webhooks', migrations, parseConfig, start: startWebhooks });
