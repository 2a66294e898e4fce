import { UsageError } from '../options.ts';
import { readFigures } from './figures.ts';
import { formatPlan } from './format.ts';
import { plan } from './model.ts';
import { parseOptions, USAGE } from './options.ts';

async function main(): Promise<void> {
  const { help, json, simulate, seconds, ...demand } = parseOptions(process.argv.slice(2));
  if (help) return void process.stdout.write(USAGE);
  const figures = readFigures();
  if (simulate) {
    const { formatSimulation, simulateDay } = await import('./simulate.ts');
    const progress = (line: string) => void process.stdout.write(`${line}\n`);
    const simulation = await simulateDay({ ...demand, seconds, progress });
    const text = json ? JSON.stringify(simulation, null, 2) : formatSimulation(simulation, figures);
    return void process.stdout.write(`${text}\n`);
  }
  const result = plan(demand, figures);
  process.stdout.write(
    json ? `${JSON.stringify({ demand, plan: result }, null, 2)}\n` : formatPlan(demand, result),
  );
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exitCode = 2;
}
