import { runService } from '@b2b-charge/runtime';
import { parseConfig } from './config.ts';
import { reconcilerMigrations as migrations } from './db/migrations/index.ts';
import { startReconciler } from './service.ts';

await runService({ name: 'reconciler', migrations, parseConfig, start: startReconciler });
