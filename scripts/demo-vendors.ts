import { randomUUID } from 'node:crypto';
import type { DemoVendor } from '@b2b-charge/stack';
import { type Api, createApi } from './api.ts';

const NAMES = ['TechCorp Solutions', 'Mobile Plus'] as const;
const CREDIT = '1000000.00';

interface Options {
  readonly gatewayUrl: string;
  readonly backofficeUrl: string;
  readonly adminToken: string;
  readonly known: readonly DemoVendor[];
}

/** Creates the demo vendors that are missing, each with a token and approved credit. */
export async function createDemoVendors({
  gatewayUrl,
  backofficeUrl,
  adminToken,
  known,
}: Options): Promise<DemoVendor[]> {
  const admin = createApi(backofficeUrl, adminToken);
  const vendors = [...known];
  for (const name of NAMES) {
    if (!vendors.some((vendor) => vendor.name === name)) {
      const vendor = await createVendor(admin, name);
      await addCredit({ admin, vendor: createApi(gatewayUrl, vendor.token) }, CREDIT);
      vendors.push(vendor);
    }
  }
  return vendors;
}

/** A vendor with a token of its own. */
export async function createVendor(admin: Api, name: string): Promise<DemoVendor> {
  const { vendor_id: id } = await admin('createVendor', { body: { name }, idempotencyKey: randomUUID() });
  const { token } = await admin('issueVendorToken', { params: { id }, body: { name: 'demo' } });
  return { id, name, token };
}

/** Asks for credit as the vendor, approves it as the admin, and waits until it is posted. */
export async function addCredit(
  { admin, vendor }: { admin: Api; vendor: Api },
  amount: string,
): Promise<void> {
  const { id } = await vendor('requestCredit', { body: { amount }, idempotencyKey: randomUUID() });
  await admin('approveCredit', { params: { id } });
  const deadline = Date.now() + 20_000;
  for (;;) {
    const { status } = await vendor('getCredit', { params: { id } });
    if (status === 'posted') return;
    if (Date.now() > deadline) throw new Error(`credit request ${id} is ${status}, not posted, after 20 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
