import { runService } from '@b2b-charge/runtime';
import { parseConfig } from './config.ts';
import { startLedger } from './service.ts';

await runService({ name: 'ledger', parseConfig, start: startLedger });
