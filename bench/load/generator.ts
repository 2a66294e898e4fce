import { runHttp } from './http-load.ts';
import { runFill, runWindow } from './nats-load.ts';
import type { LoadMessage, LoadPlan, LoadResult } from './plan.ts';

/** The generator's process: one plan comes in, one result goes out. By itself, so that its CPU is counted apart. */
const tell = (message: LoadMessage) => process.send?.(message);

process.once('message', (plan: LoadPlan) => {
  void run(plan).then((result) => {
    process.send?.({ kind: 'result', result } satisfies LoadMessage, () => process.disconnect());
  });
});
process.once('disconnect', () => process.exit());

function run(plan: LoadPlan): Promise<LoadResult> {
  switch (plan.kind) {
    case 'http':
      return runHttp(plan, tell);
    case 'window':
      return runWindow(plan, tell);
    case 'fill':
      return runFill(plan, tell);
  }
}
