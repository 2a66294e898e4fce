import { runService } from '@b2b-charge/runtime';
import { parseConfig } from './config.ts';
import { startReconciler } from './service.ts';

await runService({ name: 'reconciler', parseConfig, start: startReconciler });
