import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createApi } from '../../scripts/api.ts';
import { addCredit, createVendor } from '../../scripts/demo-vendors.ts';

/** Opens a vendor with credit, once, and prints a sale to paste. */
const GATEWAY = 'http://gateway:8000';
const BACKOFFICE = 'http://backoffice:8010';
const TOKEN_FILE = '/hello/vendor-token';
const port = process.env.GATEWAY_PORT ?? '8000';

if (!existsSync(TOKEN_FILE)) {
  const admin = createApi(
    BACKOFFICE,
    readFileSync('/secrets/backoffice/ADMIN_BOOTSTRAP_TOKEN', 'utf8').trim(),
  );
  const vendor = await createVendor(admin, 'Demo');
  await addCredit({ admin, vendor: createApi(GATEWAY, vendor.token) }, '1000000.00');
  writeFileSync(TOKEN_FILE, vendor.token, { mode: 0o600 });
}
console.log(`
Sell a charge:

  curl -sS -X POST http://127.0.0.1:${port}/api/v1/charges/sell/ -H 'Authorization: Token ${readFileSync(TOKEN_FILE, 'utf8')}' \\
    -H 'Content-Type: application/json' -d '{"phone_number": "+989123456789", "amount": 5000}'
`);
