import type { VendorId } from '@b2b-charge/contracts';
import { z } from 'zod';
import { rowIdField, textField, vendorIdField } from '../../http/fields.ts';
import { failure, success } from '../../http/reply.ts';
import { defineRoute } from '../../http/route.ts';
import { actorOf } from '../../tokens/principal.ts';
import { issueToken, listTokens, revokeToken } from '../../tokens/token-store.ts';
import { adoptVendor } from '../../vendors/vendor-store.ts';
import { tokenView } from '../views.ts';

const MAX_TOKENS_LISTED = 1_000;
const MAX_LIFE_S = 10 * 366 * 86_400;

export const issueVendorToken = defineRoute({
  method: 'POST',
  path: '/api/admin/vendors/:id/tokens/',
  operationId: 'issueVendorToken',
  summary: 'Issue a token for a vendor; it is shown only in this answer',
  tag: 'admin',
  access: 'admin',
  params: z.object({ id: vendorIdField }),
  body: z
    .strictObject({
      name: textField(80),
      read_only: z.boolean().default(false),
      /** Seconds from now; without it the token lives until it is revoked. */
      expires_in: z.int().min(1).max(MAX_LIFE_S).nullish(),
    })
    .meta({ id: 'NewToken', examples: [{ name: 'till-3', expires_in: 2_592_000 }] }),
  replies: { 201: tokenView.extend({ token: z.string() }).meta({ id: 'IssuedToken' }) },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  async handle({ principal, params, body }, gateway) {
    const vendorId = params.id as VendorId;
    const vendor = await gateway.ask('ledger.query.vendor', { vendor_id: vendorId });
    if (!vendor) return failure('NOT_FOUND');
    const createdBy = actorOf(principal);
    await adoptVendor(gateway.db, vendorId, createdBy);
    const { secret, token } = await issueToken(gateway.db, {
      role: 'vendor',
      vendorId,
      name: body.name,
      readOnly: body.read_only,
      expiresAt: body.expires_in ? new Date(gateway.now() + body.expires_in * 1_000) : null,
      createdBy,
    });
    gateway.securityLog.write(gateway.now(), {
      event: 'TOKEN_ISSUED',
      by: createdBy,
      vendor_id: vendorId,
      token_id: token.id,
      read_only: token.read_only,
      expires_at: token.expires_at,
    });
    return success('TOKEN_ISSUED', { ...token, token: secret }, { status: 201 });
  },
});

export const listVendorTokens = defineRoute({
  method: 'GET',
  path: '/api/admin/vendors/:id/tokens/',
  operationId: 'listVendorTokens',
  summary: "A vendor's tokens, without their secrets",
  tag: 'admin',
  access: 'admin',
  params: z.object({ id: vendorIdField }),
  replies: { 200: z.object({ tokens: z.array(tokenView) }) },
  errors: [],
  async handle({ params }, gateway) {
    const tokens = await listTokens(gateway.db, { vendorId: params.id, limit: MAX_TOKENS_LISTED });
    return success('TOKENS', { tokens });
  },
});

export const revokeVendorToken = defineRoute({
  method: 'DELETE',
  path: '/api/admin/vendors/:id/tokens/:token_id/',
  operationId: 'revokeVendorToken',
  summary: 'End a token, on every gateway within a second',
  tag: 'admin',
  access: 'admin',
  params: z.object({ id: vendorIdField, token_id: rowIdField }),
  replies: { 200: tokenView },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  async handle({ principal, params }, gateway) {
    const revoked = await revokeToken(gateway.db, { id: params.token_id, vendorId: params.id });
    if (!revoked) return failure('NOT_FOUND');
    await gateway.announce({ hash: revoked.hash });
    gateway.securityLog.write(gateway.now(), {
      event: 'TOKEN_REVOKED',
      by: actorOf(principal),
      vendor_id: params.id,
      token_id: params.token_id,
    });
    return success('TOKEN_REVOKED', revoked.token);
  },
});
