import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Figure } from '../harness/figure.ts';

/** Counted things, the same on every machine, with a margin of about a tenth: more needs a reason and a new number. */
const budget = z.strictObject({
  statementsPerBatch: z.number(),
  roundTripsPerBatch: z.number(),
  walBytesPerCharge: z.number(),
  logBytesPerCharge: z.number(),
  eventBytesPerCharge: z.number(),
});

/** What is over the budget, in words. */
export function overBudget(figures: readonly Figure[]): string[] {
  const file = path.join(import.meta.dirname, '../budget.json');
  const allowed = budget.parse(JSON.parse(readFileSync(file, 'utf8')));
  const counted = figures.find(({ scenario }) => scenario === 'counts');
  if (!counted) return [];
  return (Object.keys(allowed) as (keyof typeof allowed)[]).flatMap((name) => {
    const found = counted[name];
    if (found === undefined) return [`${name}: not counted`];
    return found > allowed[name] ? [`${name}: ${found.toFixed(1)}, allowed are ${allowed[name]}`] : [];
  });
}
