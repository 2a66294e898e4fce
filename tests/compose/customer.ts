import { randomUUID } from 'node:crypto';
import { createApi } from '../../scripts/api.ts';
import { addCredit, createVendor } from '../../scripts/demo-vendors.ts';

/**
 * customer.ts URL ADMIN_URL ADMIN_TOKEN SALES: a vendor who gets credit and sells, as a process of its own, because the authority
 * that a client trusts is settled at its start (NODE_EXTRA_CA_CERTS). Prints what it sold and has left, as JSON.
 */
const [url = '', adminUrl = '', adminToken = '', sales = '1'] = process.argv.slice(2);
const PRICE = 1_000;
const admin = createApi(adminUrl, adminToken);
const { token } = await createVendor(admin, `Customer ${randomUUID()}`);
const vendor = createApi(url, token);
await addCredit({ admin, vendor }, '1000000.00');

const sell = (key: string) =>
  vendor('sellCharge', { body: { phone_number: '+989123456789', amount: PRICE }, idempotencyKey: key });
const keys = Array.from({ length: Number(sales) }, () => randomUUID());
const sold = await Promise.all(keys.map(sell));
const again = await Promise.all(keys.map(sell));
const { balance } = await vendor('getBalance', {});
const ids = (answers: readonly { transaction_id: string }[]) =>
  answers.map((answer) => answer.transaction_id);
console.log(
  JSON.stringify({
    sold: new Set(ids(sold)).size,
    repeated: ids(again).every((id, number) => id === ids(sold)[number]),
    spent: 1_000_000 - balance,
  }),
);
