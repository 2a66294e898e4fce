import { parseArgs } from 'node:util';
import { simulate, type Verdict } from './simulate.ts';

const USAGE = `npm run simulate -- [options]
  --seed N       seed of the first schedule; a random one if left out
  --steps N      events to simulate; whole schedules, as many as it takes (default 1000000; 1 is one schedule)
  --commands N   commands that callers send in one schedule (default 40)
  --trace        everything that happens in a schedule, not the end alone
Runs schedule after schedule until one goes wrong. The same seed replays the same schedule.`;
const TAIL = 80;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    steps: { type: 'string', default: '1000000' },
    commands: { type: 'string', default: '40' },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else process.exitCode = await run();

async function run(): Promise<number> {
  const errands = positive('--commands', values.commands);
  const limit = positive('--steps', values.steps);
  const totals: Record<string, number> = { schedules: 0, events: 0 };
  const startedAt = performance.now();
  let seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
  const first = seed;
  while (totals.events! < limit) {
    const verdict = await simulate({ seed, errands, tracing: values.trace });
    add(totals, { schedules: 1, events: verdict.steps, ...verdict.counts });
    if (values.trace) console.log(verdict.trace.join('\n'));
    if (verdict.faults.length > 0) return tell(verdict, errands);
    seed++;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  console.table(totals);
  console.log(
    `seeds ${first} to ${seed - 1}, ${(totals.schedules! / seconds).toFixed(0)} a second: nothing is wrong`,
  );
  return 0;
}

function add(totals: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count;
}

/** What is wrong with a schedule, and how it came to it. */
async function tell({ seed, faults }: Verdict, errands: number): Promise<number> {
  const { trace } = await simulate({ seed, errands, tracing: true });
  if (!values.trace) console.log(`…\n${trace.slice(-TAIL).join('\n')}`);
  console.log(`\nseed ${seed} goes wrong:\n  ${faults.join('\n  ')}`);
  console.log(`\nAll of it: npm run simulate -- --seed ${seed} --commands ${errands} --steps 1 --trace`);
  return 1;
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${name}: a positive integer is needed`);
  return number;
}
