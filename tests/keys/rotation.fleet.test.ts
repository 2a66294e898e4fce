import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inboxPrefix, natsPermissions, type ServiceName } from '@b2b-charge/contracts';
import { type Fleet, natsUsers, startFleet } from '@b2b-charge/stack';
import { createUser, fromSeed } from '@nats-io/nkeys';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../scripts/migrate.ts';
import { waitFor } from '../harness.ts';
import { type Authority, createAuthority } from '../nats/certificates.ts';
import { DRAIN, ROOT } from '../upgrade/rolling-restart.ts';
import { underLoad } from '../upgrade/under-load.ts';

/** Every key is replaced while vendors sell through real processes, and nobody's request fails. */

const ROTATED: readonly ServiceName[] = ['ledger', 'credits', 'backoffice', 'gateway'];
const SOLD_BETWEEN = 15;

let folder: string;
let former: Authority;
let next: Authority;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'b2b-charge-keys-'));
  former = createAuthority('The authority of before');
  next = createAuthority('The authority from now on');
});
afterAll(() => rmSync(folder, { recursive: true }));

const files = () => ({ certFile: path.join(folder, 'server.crt'), keyFile: path.join(folder, 'server.key') });
function certify(authority: Authority): void {
  const { certificate, key } = authority.issue('nats', ['localhost', '127.0.0.1']);
  writeFileSync(files().certFile, certificate);
  writeFileSync(files().keyFile, key);
}

/** Without a service's patience: the first refusal counts. */
async function comesIn(fleet: Fleet, user: string, seed: string, ca: string): Promise<boolean> {
  try {
    const nc = await connect({
      servers: fleet.nats.url,
      reconnect: false,
      tls: { ca },
      inboxPrefix: inboxPrefix(user),
      authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
    });
    await nc.close();
    return true;
  } catch {
    return false;
  }
}

const newSeed = () => new TextDecoder().decode(createUser().getSeed());
const userOf = (name: ServiceName, seed: string) => ({
  name,
  publicKey: fromSeed(new TextEncoder().encode(seed)).getPublicKey(),
  permissions: natsPermissions()[name],
});

test('tokens, services’ NATS keys and the certificate of NATS are replaced under load: no request fails', async () => {
  certify(former);
  const both = former.certificate + next.certificate;
  await using fleet = await startFleet({
    root: ROOT,
    migrate,
    services: { ledger: 1, credits: 1, gateway: 1 },
    natsTls: { ...files(), ca: both },
    environment: DRAIN,
  });
  const seeds = Object.fromEntries(ROTATED.map((name) => [name, newSeed()])) as Record<ServiceName, string>;
  const users = natsUsers(fleet.secrets.nats);
  const young = ROTATED.map((name) => userOf(name, seeds[name]));
  const { calls, charges, findings } = await underLoad(fleet, 2, async (hands) => {
    const { callers, url, adminUrl, sell, gatewaysServe, takeOut } = hands;

    // A vendor's token: the second beside the first, the first revoked.
    const tokens = await callers.changeTokens();
    await sell(SOLD_BETWEEN);
    const headers = (token: string) => ({ authorization: `Token ${token}` });
    const admin = headers(fleet.secrets.admin.token);
    for (const { vendorId, token } of tokens) {
      const path = `${adminUrl}/api/admin/vendors/${vendorId}/tokens/`;
      const { data } = (await (await fetch(path, { headers: admin })).json()) as {
        data: { tokens: { id: number }[] };
      };
      const first = Math.min(...data.tokens.map(({ id }) => id));
      expect((await fetch(`${path}${first}/`, { method: 'DELETE', headers: admin })).status).toBe(200);
      await waitFor(
        async () => (await fetch(`${url}/api/vendors/balance/`, { headers: headers(token) })).status === 401,
      );
    }
    await sell(SOLD_BETWEEN);

    // A service's own NATS key: the new user beside the old one, the service rolled, the old one taken out.
    await fleet.nats.reload([...users, ...young]);
    await waitFor(() => comesIn(fleet, 'ledger', seeds.ledger, both));
    const old = [...fleet.processes];
    for (const service of ROTATED) await fleet.add(service, { NATS_NKEY_SEED: seeds[service] });
    await gatewaysServe(2);
    await takeOut(old.filter(({ service }) => service === 'gateway' || service === 'backoffice'));
    await sell(SOLD_BETWEEN);
    for (const { process } of old) await process.stop();
    await fleet.nats.reload([
      ...users.filter(({ name }) => !ROTATED.some((rotated) => rotated === name)),
      ...young,
    ]);
    await waitFor(async () => !(await comesIn(fleet, 'ledger', fleet.secrets.nats.ledger, both)));
    await sell(SOLD_BETWEEN);

    // The certificate of NATS, by another authority: everybody trusts both before it changes.
    certify(next);
    await fleet.nats.reload();
    await waitFor(() => comesIn(fleet, 'ledger', seeds.ledger, next.certificate));
    expect(await comesIn(fleet, 'ledger', seeds.ledger, former.certificate)).toBe(false);
    await sell(SOLD_BETWEEN);
    await fleet.add('gateway', { NATS_NKEY_SEED: seeds.gateway, NATS_TLS_CA: next.certificate });
    await gatewaysServe(2);
    await sell(SOLD_BETWEEN);
  });
  expect(calls.failures).toEqual([]);
  expect(findings).toEqual([]);
  expect(charges).toBe(calls.sold);
  expect(calls.counts['approve credit']).toBeGreaterThan(10);
}, 120_000);
