import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Figure } from '../harness/figure.ts';

const batch = {
  statementsPerBatch: z.number(),
  roundTripsPerBatch: z.number(),
  natsInPerCharge: z.number(),
  natsOutPerCharge: z.number(),
  redisReadsPerCharge: z.number(),
  walBytesPerCharge: z.number(),
  logBytesPerCharge: z.number(),
  eventBytesPerCharge: z.number(),
  ledgerBytesPerCharge: z.number(),
};

/**
 * Counted things by scenario, the same on every machine, with a margin of about a tenth, and of a quarter for what was
 * allocated: more needs a reason and a new number.
 */
const budgets = z.strictObject({
  counts: z.strictObject(batch),
  'counts-lone': z.strictObject({ ...batch, gatewayBytesPerCharge: z.number() }),
});

/** What is over the budget, in words. */
export function overBudget(figures: readonly Figure[]): string[] {
  const file = path.join(import.meta.dirname, '../budget.json');
  const allowed = budgets.parse(JSON.parse(readFileSync(file, 'utf8')));
  return Object.entries(allowed).flatMap(([scenario, most]) => {
    const counted = figures.find((figure) => figure.scenario === scenario && figure.group !== 'failed');
    if (!counted) return [];
    return (Object.entries(most) as [keyof typeof batch, number][]).flatMap(([name, limit]) => {
      const found = counted[name];
      if (found === undefined || Number.isNaN(found)) return [`${scenario}: ${name}: not counted`];
      return found > limit ? [`${scenario}: ${name}: ${found.toFixed(1)}, allowed are ${limit}`] : [];
    });
  });
}
