import { parseVendorId } from '@b2b-charge/contracts';
import { publishChange } from '@b2b-charge/http/tokens/notices';
import { call } from '@b2b-charge/runtime';
import { issueToken, listTokens, revokeToken, type TokenView } from '../tokens/token-store.ts';
import { adoptVendor } from '../vendors/vendor-store.ts';
import type { CliContext } from './context.ts';
import { parseDurationMs } from './duration.ts';
import { UsageError } from './usage-error.ts';

export interface TokenOptions {
  readonly admin?: boolean | undefined;
  readonly vendor?: string | undefined;
  readonly name?: string | undefined;
  readonly 'read-only'?: boolean | undefined;
  readonly 'expires-in'?: string | undefined;
}

const CREATED_BY = 'cli';
const LISTED = 1_000;

/** Issues a token. For an admin the name is the person: two tokens of one name are one approver. */
export async function issue(context: CliContext, options: TokenOptions) {
  const { name } = options;
  if (!name || name.length > 80) throw new UsageError('--name NAME is needed, of at most 80 characters');
  if (Boolean(options.admin) === (options.vendor !== undefined)) {
    throw new UsageError('one of --admin and --vendor ID is needed');
  }
  const vendorId = vendorOf(options.vendor);
  if (vendorId !== null) {
    const known = await call(context, 'ledger.query.vendor', { vendor_id: vendorId });
    if (!known) throw new UsageError(`there is no vendor ${vendorId}`);
    await adoptVendor(context.db, vendorId, CREATED_BY);
  }
  const { secret, token } = await issueToken(context.db, {
    role: vendorId === null ? 'admin' : 'vendor',
    vendorId,
    name,
    readOnly: options['read-only'] ?? false,
    expiresAt: expiryOf(options['expires-in']),
    createdBy: CREATED_BY,
  });
  return { json: { ...token, token: secret }, text: secret };
}

export async function list(context: CliContext, options: TokenOptions) {
  const vendorId = vendorOf(options.vendor);
  const tokens = await listTokens(context.db, {
    limit: LISTED,
    ...(vendorId === null ? {} : { vendorId }),
    ...(options.admin ? { role: 'admin' as const } : {}),
  });
  return { json: { tokens }, text: tokens.map(line).join('\n') };
}

export async function revoke(context: CliContext, id: string | undefined) {
  if (!/^[1-9][0-9]{0,9}$/.test(id ?? '')) throw new UsageError('revoke needs the id of a token');
  const revoked = await revokeToken(context.db, { id: Number(id) });
  if (!revoked) throw new UsageError(`there is no token ${id}`);
  await publishChange(context.nc, context.subjects, { hash: revoked.hash });
  return { json: revoked.token, text: `revoked ${line(revoked.token)}` };
}

function vendorOf(text: string | undefined) {
  if (text === undefined) return null;
  const id = parseVendorId(text);
  if (id === null) throw new UsageError(`--vendor ${text}: not the id of a vendor`);
  return id;
}

function expiryOf(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const ms = parseDurationMs(text);
  if (ms === null) throw new UsageError(`--expires-in ${text}: write it as 90s, 15m, 12h or 30d`);
  return new Date(Date.now() + ms);
}

function line(token: TokenView): string {
  const owner = token.vendor_id === null ? 'admin' : `vendor ${token.vendor_id}`;
  const state = token.revoked_at
    ? `revoked ${token.revoked_at}`
    : token.expires_at
      ? `until ${token.expires_at}`
      : 'unlimited';
  return [
    String(token.id).padStart(6),
    owner.padEnd(14),
    token.read_only ? 'read-only ' : 'read-write',
    state.padEnd(32),
    `last used ${token.last_used_at ?? 'never'}`.padEnd(34),
    token.name,
  ].join('  ');
}
