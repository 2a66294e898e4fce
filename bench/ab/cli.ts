import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { UsageError } from '../../scripts/options.ts';
import { shopOf } from '../harness/load-vendors.ts';
import { createProgress } from '../harness/progress.ts';
import { openStage } from '../harness/stage.ts';
import { figureLine } from '../report/figure-line.ts';
import { type AbOptions, parseAbOptions, USAGE, VENDORS } from './options.ts';
import { type AbTurn, pairsOf, pairsTable } from './pairs.ts';
import { Contestant } from './turn.ts';
import { openVariant } from './variants.ts';

try {
  const options = parseAbOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(USAGE);
  else process.exitCode = await runPairs(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

/** Resolves with the exit code: 1 for a discrepancy. */
async function runPairs({ a, b, loads, rounds, seconds, natsBinary, json }: AbOptions): Promise<number> {
  const progress = createProgress();
  using first = openVariant('a', a);
  using second = openVariant('b', b);
  progress(`a: ${first.title}; b: ${second.title}; ${rounds} rounds of ${loads.length} loads`);
  await using stage = await openStage({ shop: shopOf(VENDORS), progress, natsBinary });
  const contestants = [first, second].map((variant) => new Contestant(stage, variant, seconds * 1_000));
  const turns: AbTurn[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const contestant of round % 2 === 1 ? contestants : contestants.toReversed()) {
      const { label } = contestant.variant;
      progress(`round ${round} of ${rounds}: ${label}, load average ${loadavg()[0]!.toFixed(2)}`);
      await contestant.turn(loads, ({ name }, figure) => {
        turns.push({ round, label, load: name, figure });
        progress(`  ${label} ${figureLine(figure)}`);
      });
      if (json) writeFileSync(json, `${JSON.stringify(turns, null, 1)}\n`);
    }
  }
  for (const { name } of loads) {
    process.stdout.write(`\n${name}: medians (least–most) of ${rounds} rounds\n`);
    process.stdout.write(pairsTable(pairsOf(turns, name)));
  }
  const problems = turns.flatMap(({ round, label, load, figure }) =>
    figure.discrepancies.map((text) => `round ${round}, ${label}, ${load}: ${text}`),
  );
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  return problems.length > 0 ? 1 : 0;
}
