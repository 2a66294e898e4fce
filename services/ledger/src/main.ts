import { runService } from '@b2b-charge/runtime';
import { parseConfig } from './config.ts';
import { ledgerMigrations as migrations } from './db/migrations/index.ts';
import { startLedger } from './service.ts';

await runService({ name: 'ledger', migrations, parseConfig, start: startLedger });
