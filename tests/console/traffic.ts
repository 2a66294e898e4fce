import { randomUUID } from 'node:crypto';
import { laneOf, type Subjects } from '@b2b-charge/contracts';
import { jetstream } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { type Api, createApi } from '../../scripts/api.ts';
import { addCredit, createVendor } from '../../scripts/demo-vendors.ts';
import { waitFor } from '../harness.ts';

/** One of each kind of thing that a page shows. */
export interface Things {
  readonly vendorId: number;
  readonly tokenId: number;
  readonly creditId: number;
  readonly transactionId: string;
  readonly runId: number;
  readonly deadLetterId: string;
}

interface TrafficOptions {
  readonly gateway: string;
  readonly backoffice: string;
  readonly adminToken: string;
  /** As the operator. */
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly lanes: number;
  readonly sales: number;
  /** As the database's owner: for a discrepancy that an audit finds. */
  sql(text: string, values: unknown[]): Promise<unknown>;
}

const NAMES = [
  'TechCorp Solutions',
  'Mobile Plus',
  'شارژ سبز',
  'Northern Kiosks',
  'پارس همراه',
  'City Tills',
];
const CREDITS = ['2500000.00', '1800000.00', '1200000.00', '900000.00', '650000.00', '400000.00'];

/** A small shop's day: vendors, credit, sales, a few that are refused, requests that wait, a dead letter, an audit. */
export async function makeTraffic(options: TrafficOptions): Promise<Things> {
  const admin = createApi(options.backoffice, options.adminToken);
  const shops = [];
  for (const [index, name] of NAMES.entries()) {
    const { id, token } = await createVendor(admin, name);
    const vendor = createApi(options.gateway, token);
    await addCredit({ admin, vendor }, CREDITS[index]!);
    shops.push({ id, vendor });
  }
  const [first, second] = shops;
  const transactionId = await sell(
    shops.map(({ vendor }) => vendor),
    options.sales,
  );
  await admin('updateVendor', { params: { id: first!.id }, body: { daily_limit: 5_000_000 } });
  await admin('suspendVendor', { params: { id: shops.at(-1)!.id } });
  const asked = await first!.vendor('requestCredit', {
    body: { amount: '3000000.00' },
    idempotencyKey: randomUUID(),
  });
  await second!.vendor('requestCredit', { body: { amount: '750000.00' }, idempotencyKey: randomUUID() });
  const refused = await second!.vendor('requestCredit', {
    body: { amount: '90000000.00' },
    idempotencyKey: randomUUID(),
  });
  await admin('rejectCredit', {
    params: { id: refused.id },
    body: { reason: 'The invoice is not paid yet' },
  });
  const { tokens } = await admin('listVendorTokens', { params: { id: first!.id } });
  return {
    vendorId: first!.id,
    tokenId: tokens[0]!.id,
    creditId: asked.id,
    transactionId,
    deadLetterId: await makeDeadLetter(admin, options, first!.id),
    runId: await makeFinding(admin, options, first!.id),
  };
}

/** Sells in turn, never the same twice; a few sales are larger than any balance. Returns one that was reversed. */
async function sell(vendors: readonly Api[], sales: number): Promise<string> {
  let last = '';
  for (let sale = 0; sale < sales; sale++) {
    // The first vendors sell more than the last.
    const vendor = vendors[Math.floor(vendors.length * ((sale * 0.37) % 1) ** 2)]!;
    const amount = sale % 29 === 28 ? 50_000_000 : 5_000 + 2_500 * ((sale * 7) % 11);
    const body = { phone_number: `+98912${1_000_000 + sale}`, amount };
    const sold = await vendor('sellCharge', { body, idempotencyKey: `order-${1_000 + sale}` }).catch(
      () => null,
    );
    if (sold) last = sold.transaction_id;
  }
  return last;
}

/** A command on the wrong lane, as an internal system with a defect would send it: it may be sent again. */
async function makeDeadLetter(
  admin: Api,
  { nc, subjects, lanes }: TrafficOptions,
  vendorId: number,
): Promise<string> {
  const head = headers();
  head.set('Message-Id', randomUUID());
  head.set('Content-Type', 'application/json; schema=charge.v1');
  const wrongLane = (laneOf(vendorId, lanes) + 1) % lanes;
  const subject = subjects.command(wrongLane, 'gateway', vendorId);
  await jetstream(nc).publish(subject, '{"phone_number":"+989121234567","amount":"5000.00"}', {
    headers: head,
  });
  let id = '';
  await waitFor(async () => {
    const { dead_letters } = await admin('listDeadLetters', {});
    id = dead_letters[0]?.id ?? '';
    return id !== '';
  });
  return id;
}

/** An audit that finds a balance which somebody changed by hand, and one after it was put right. */
async function makeFinding(admin: Api, options: TrafficOptions, vendorId: number): Promise<number> {
  const change = (minor: number) =>
    options.sql('UPDATE ledger.vendors SET balance = balance + $2 WHERE vendor_id = $1', [vendorId, minor]);
  await change(500);
  const runId = await makeAudit(admin, options);
  await change(-500);
  await makeAudit(admin, options);
  return runId;
}

/** Started by hand, since createApi would take its 202 for a charge that is not decided yet. */
async function makeAudit(admin: Api, { backoffice, adminToken }: TrafficOptions): Promise<number> {
  let runId = 0;
  // The one before may still be putting its things away.
  await waitFor(async () => {
    const started = await fetch(`${backoffice}/api/admin/reports/`, {
      method: 'POST',
      headers: { authorization: `Token ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ mode: 'full' }),
    });
    const { data } = (await started.json()) as { data?: { run_id: number } };
    runId = data?.run_id ?? 0;
    return started.status === 202;
  });
  await waitFor(async () => {
    const { run } = await admin('getReport', { params: { id: runId } });
    return run.status !== 'running';
  });
  return runId;
}
