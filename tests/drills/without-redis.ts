import type { Fleet } from '@b2b-charge/stack';
import { type HttpAnswer, send } from '../chaos/load/http.ts';
import { until } from './until.ts';

const TIMEOUT_MS = 10_000;
const LIMIT = 5;
const CHARGE = { phone_number: '+989123456789', amount: '1.00' };

/** While Redis is away: what it counts or copies is still true. Returns what is not. */
export async function checkLimitsHold(fleet: Fleet): Promise<string[]> {
  const faults: string[] = [];
  const urlOf = (path: string) => fleet.of(path.startsWith('/api/admin/') ? 'backoffice' : 'gateway')[0]!.url;
  const adminUrl = urlOf('/api/admin/');
  const admin = fleet.secrets.admin.token;
  const ask = async (method: 'GET' | 'POST', path: string, token: string, body?: unknown) => {
    const answer = await send(urlOf(path), { method, path, token, body, timeoutMs: TIMEOUT_MS });
    if (answer === null || answer === 'unsent') throw new Error(`${path} is not answered without Redis`);
    return answer;
  };
  const mustBe = ({ status, body }: HttpAnswer, wanted: number, what: string) => {
    if (status !== wanted) faults.push(`${what}: ${status} ${JSON.stringify(body)}, not ${wanted}`);
  };
  const { vendor_id: vendorId } = (await ask('POST', '/api/admin/vendors/', admin, { name: 'Limited' })).body
    .data;
  const issued = (await ask('POST', `/api/admin/vendors/${vendorId}/tokens/`, admin, { name: 'till' })).body
    .data;
  await change(`${adminUrl}/api/admin/vendors/${vendorId}/`, 'PATCH', admin, { rate_limit: LIMIT });
  mustBe(
    await ask('POST', '/api/charges/sell/', issued.token, CHARGE),
    503,
    'a sale that a double cannot be told from',
  );
  const statuses: number[] = [];
  for (let request = 0; request < 2 * LIMIT; request++)
    statuses.push((await ask('GET', '/api/vendors/balance/', issued.token)).status);
  const served = statuses.filter((status) => status === 200).length;
  if (served > LIMIT || !statuses.includes(429))
    faults.push(`a vendor with ${LIMIT} requests a minute is served ${served}: ${statuses}`);
  await change(`${adminUrl}/api/admin/vendors/${vendorId}/tokens/${issued.id}/`, 'DELETE', admin);
  await until(
    'a revoked token is refused',
    async () => (await ask('GET', '/api/vendors/balance/', issued.token)).status === 401,
  ).catch((error: Error) => faults.push(error.message));
  return faults;
}

/** Throws unless it is done. */
async function change(url: string, method: 'PATCH' | 'DELETE', token: string, body?: unknown): Promise<void> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Token ${token}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
}
