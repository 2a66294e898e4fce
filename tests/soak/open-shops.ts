import { setTimeout as sleep } from 'node:timers/promises';
import type { BackOffice } from '../chaos/load/back-office.ts';
import { ask } from '../chaos/load/http.ts';
import type { Shop } from '../chaos/load/ways.ts';

interface OpenOptions {
  readonly gatewayUrl: string;
  readonly backofficeUrl: string;
  readonly adminToken: string;
  readonly count: number;
  /** Grants the credit, so that it stands in the clients' record. */
  readonly office: BackOffice;
}

const AT_ONCE = 16;
const TIMEOUT_MS = 10_000;
const CREDITED_WITHIN_MS = 30_000;
/** Ten million each: enough for hours at any rate. */
const CREDIT = 1_000_000_000n;

/** Opens shops that have a token and so much credit that none of their sales is refused. */
export async function openShops(options: OpenOptions): Promise<Shop[]> {
  const { gatewayUrl, count, office } = options;
  const shops: Shop[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const number = next++;
      const shop = await openShop(options, number);
      await office.grant(shop, {
        key: `rich-${number}`,
        amount: CREDIT,
        until: AbortSignal.timeout(CREDITED_WITHIN_MS),
      });
      shops[number] = shop;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const { token } of shops) await waitForCredit(gatewayUrl, token);
  return shops;
}

async function openShop({ backofficeUrl, adminToken: token }: OpenOptions, number: number): Promise<Shop> {
  const post = async (path: string, body: unknown) => {
    const answer = await ask(backofficeUrl, { method: 'POST', path, token, body, timeoutMs: TIMEOUT_MS });
    if (answer?.status !== 201)
      throw new Error(`${path} answered ${answer?.status} ${JSON.stringify(answer?.body)}`);
    return answer.body.data;
  };
  const { vendor_id: vendorId } = await post('/api/admin/vendors/', { name: `Rich shop ${number + 1}` });
  const issued = await post(`/api/admin/vendors/${vendorId}/tokens/`, { name: 'till' });
  return { vendorId, token: issued.token };
}

async function waitForCredit(gatewayUrl: string, token: string): Promise<void> {
  const deadline = Date.now() + CREDITED_WITHIN_MS;
  for (;;) {
    const answer = await ask(gatewayUrl, {
      method: 'GET',
      path: '/api/vendors/balance/',
      token,
      timeoutMs: TIMEOUT_MS,
    });
    if (Number(answer?.body?.data?.balance) > 0) return;
    if (Date.now() > deadline) throw new Error('a shop did not get its credit');
    await sleep(50);
  }
}
