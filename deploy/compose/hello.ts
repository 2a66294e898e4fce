import { createApi } from '../../scripts/api.ts';
import { addCredit, createVendor } from '../../scripts/demo-vendors.ts';

/** Opens a vendor with credit and prints a sale to paste. */
const GATEWAY = 'http://gateway:8000';
const port = process.env.GATEWAY_PORT ?? '8000';
const admin = createApi(GATEWAY, process.env.ADMIN_TOKEN ?? '');
const vendor = await createVendor(admin, 'Demo');
await addCredit({ admin, vendor: createApi(GATEWAY, vendor.token) }, '1000000.00');
console.log(`
Sell a charge:

  curl -sS -X POST http://127.0.0.1:${port}/api/charges/sell/ -H 'Authorization: Token ${vendor.token}' \\
    -H 'Content-Type: application/json' -d '{"phone_number": "+989123456789", "amount": 5000}'
`);
