import { runService } from '@b2b-charge/runtime';
import { parseConfig } from './config.ts';
import { startCredits } from './service.ts';

await runService({ name: 'credits', parseConfig, start: startCredits });
