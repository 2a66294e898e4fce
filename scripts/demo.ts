import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { type DemoVendor, readStackFile, type StackFile } from '@b2b-charge/stack';
import { type Api, createApi } from './api.ts';
import { addCredit, createVendor } from './demo-vendors.ts';

const HELP = `npm run demo: the simple case, against the running local stack or one of its own.

Two vendors, five credits each, 1,000 sales spread over both; every balance is compared with a tally kept here, then
the reconciler audits the books. Exit code 0 when everything agrees. It may be run while processes are killed.`;

const ROOT = path.dirname(import.meta.dirname);
const CREDITS = 5;
const CREDIT = 100_000;
const SALES = 1_000;
const IN_FLIGHT = 16;
const START_TIMEOUT_MS = 120_000;

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(HELP);
  const running = readStackFile(process.env);
  const started = running ? null : await startOwnStack();
  try {
    process.exitCode = await demo(running ?? startedStack());
  } finally {
    if (started) await stopStack(started);
  }
}

async function demo(stack: StackFile): Promise<number> {
  const admin = createApi(stack.backoffice, stack.admin.token);
  const vendors = [
    await createVendor(admin, 'TechCorp (demo)'),
    await createVendor(admin, 'MobilePlus (demo)'),
  ];
  const apis = vendors.map(({ token }) => createApi(stack.gateway, token));
  console.log(`vendors   ${vendors.map(({ id, name }) => `${name} = ${id}`).join(', ')}`);
  for (const vendor of apis)
    for (let count = 0; count < CREDITS; count++) await addCredit({ admin, vendor }, String(CREDIT));
  console.log(`credits   ${CREDITS * vendors.length} requested, approved and posted`);

  const startedAt = performance.now();
  const sold = await sell(apis);
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`sales     ${SALES} in ${seconds.toFixed(1)} s`);

  const wrong = await compare(vendors, apis, sold);
  console.log('');
  const audit = await reconcile(stack);
  return wrong === 0 ? audit : 1;
}

/** Sells in turn for each vendor; returns what each has sold, in minor units, by our own count. */
async function sell(apis: readonly Api[]): Promise<number[]> {
  const sold = apis.map(() => 0);
  let next = 0;
  const till = async () => {
    while (next < SALES) {
      const sale = next++;
      const vendor = sale % apis.length;
      const minor = 10_000 + (sale % 100);
      const body = { phone_number: `+98912${1_000_000 + sale}`, amount: minor / 100 };
      await apis[vendor]!('sellCharge', { body, idempotencyKey: randomUUID() });
      sold[vendor]! += minor;
      if ((sale + 1) % 250 === 0) console.log(`          ${sale + 1} sold`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, till));
  return sold;
}

/** Prints each balance beside the tally; returns how many differ. */
async function compare(
  vendors: readonly DemoVendor[],
  apis: readonly Api[],
  sold: readonly number[],
): Promise<number> {
  let wrong = 0;
  for (const [index, vendor] of vendors.entries()) {
    const { balance } = await apis[index]!('getBalance', {});
    const expected = (CREDITS * CREDIT * 100 - sold[index]!) / 100;
    const exact = balance === expected;
    if (!exact) wrong++;
    console.log(
      `balance   ${vendor.name}: ${balance.toFixed(2)} Toman, tally ${expected.toFixed(2)}: ${exact ? 'exact' : 'WRONG'}`,
    );
  }
  return wrong;
}

/** Runs the reconciler's command as the stack's reconciler; resolves to its exit code. */
function reconcile({ services }: StackFile): Promise<number> {
  const child = spawn(process.execPath, [path.join(ROOT, 'scripts/b2b.ts'), 'reconcile'], {
    env: { ...process.env, ...services.reconciler },
    stdio: 'inherit',
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 2)));
}

function startedStack(): StackFile {
  const stack = readStackFile(process.env);
  if (!stack) throw new Error('the local stack did not start');
  return stack;
}

async function startOwnStack(): Promise<ChildProcess> {
  console.log('no local stack is running: starting one');
  const child = spawn(process.execPath, [path.join(ROOT, 'scripts/start.ts'), '--no-demo-vendors'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = child.stdout!.setEncoding('utf8');
  const deadline = setTimeout(() => child.kill('SIGTERM'), START_TIMEOUT_MS);
  let text = '';
  for await (const chunk of output) {
    text += chunk;
    process.stdout.write(chunk);
    if (/\bready\b\s+.*API/s.test(text)) break;
  }
  clearTimeout(deadline);
  return child;
}

function stopStack(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

await main();
