import path from 'node:path';
import { runSupervisor } from '@b2b-charge/stack';
import { createDemoVendors } from './demo-vendors.ts';
import { createOperator } from './local-operator.ts';
import { migrate } from './migrate.ts';

const code = await runSupervisor({
  root: path.dirname(import.meta.dirname),
  args: process.argv.slice(2),
  environment: process.env,
  migrate,
  createDemoVendors,
  createOperator,
});
// A start that was interrupted may still be waiting for a download, with nothing left to do.
process.exit(code);
