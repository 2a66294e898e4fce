import { runService } from '@b2b-charge/runtime';
import { parseConfig } from './config.ts';
import { creditsMigrations as migrations } from './db/migrations/index.ts';
import { startCredits } from './service.ts';

await runService({ name: 'credits', migrations, parseConfig, start: startCredits });
