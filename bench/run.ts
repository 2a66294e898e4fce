import { UsageError } from '../scripts/options.ts';
import { runBench } from './bench.ts';
import { parseBenchOptions, USAGE } from './options.ts';
import { STAGES } from './scenarios/index.ts';
import { listScenarios } from './select.ts';

try {
  const options = parseBenchOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(USAGE);
  else if (options.list) process.stdout.write(listScenarios(STAGES));
  else process.exitCode = await runBench(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
