import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Figure } from './harness/figure.ts';
import { describeMachine } from './harness/machine.ts';
import { createProgress } from './harness/progress.ts';
import { runStage } from './harness/run-stage.ts';
import { ROOT } from './harness/stage.ts';
import type { BenchOptions } from './options.ts';
import { overBudget } from './report/budget.ts';
import { figureLine } from './report/figure-line.ts';
import { report } from './report/markdown.ts';
import { ratiosOf } from './report/ratios.ts';
import { keepResults, type Results, type Versions } from './report/results.ts';
import { STAGES } from './scenarios/index.ts';
import { selectScenarios } from './select.ts';

const DOCS = path.join(ROOT, 'docs');

/** Runs what was asked for. Resolves with the exit code: 1 for a discrepancy, or for more than the budget. */
export async function runBench(options: BenchOptions): Promise<number> {
  const stages = selectScenarios(STAGES, options);
  const progress = createProgress();
  const machine = describeMachine();
  progress(
    `${machine.cpu}, ${machine.cores} cores, load ${machine.loadBefore.toFixed(2)}, fdatasync ${machine.fdatasyncMs.p50.toFixed(2)} ms`,
  );
  const figures: Figure[] = [];
  const versions: Record<string, Versions> = {};
  for (const { plan, scenarios } of stages) {
    versions[plan.name] = await runStage(plan, scenarios, { ...options, progress }, (some) => {
      for (const figure of some) progress(figureLine(figure));
      figures.push(...some);
    });
    if (options.json) keepResults(options.json, { machine, versions, figures });
  }
  const results: Results = { machine, versions, figures };
  for (const { of, to, value, cpu } of ratiosOf(figures)) {
    progress(`${of} / ${to}: ${value.toFixed(2)}${cpu === null ? '' : `, ${cpu.toFixed(2)} times less CPU`}`);
  }
  const problems = [
    ...figures.flatMap(({ scenario, discrepancies }) => discrepancies.map((text) => `${scenario}: ${text}`)),
    ...overBudget(figures).map((text) => `over the budget: ${text}`),
  ];
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  const all = options.json ? keepResults(options.json, results) : results;
  const partial = options.quick || options.scenarios !== null;
  if (options.write && (options.json || !partial)) write(all, progress);
  return problems.length > 0 ? 1 : 0;
}

function write(results: Results, progress: (line: string) => void): void {
  const file = path.join(DOCS, 'benchmarks.md');
  writeFileSync(file, report(results));
  progress(`wrote ${path.relative(ROOT, file)}`);
}
