import type { VendorId } from '@b2b-charge/contracts';
import { rowIdField, textField, vendorIdField } from '@b2b-charge/http/fields';
import { failure, success } from '@b2b-charge/http/reply';
import { actorOf } from '@b2b-charge/http/tokens/principal';
import { tokenView } from '@b2b-charge/http/views';
import { z } from 'zod';
import { listTokens } from '../tokens/token-store.ts';
import { issueVendorToken as issue, revokeVendorToken as revoke } from '../tokens/vendor-tokens.ts';
import { defineRoute } from './define-route.ts';

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
  async handle({ principal, params, body }, backoffice) {
    const vendorId = params.id as VendorId;
    const { name, read_only: readOnly, expires_in } = body;
    const wanted = { vendorId, name, readOnly, expiresInS: expires_in ?? null };
    const issued = await issue(backoffice, wanted, actorOf(principal));
    if (!issued) return failure('NOT_FOUND');
    return success('TOKEN_ISSUED', { ...issued.token, token: issued.secret }, { status: 201 });
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
  async handle({ params }, backoffice) {
    const tokens = await listTokens(backoffice.db, { vendorId: params.id, limit: MAX_TOKENS_LISTED });
    return success('TOKENS', { tokens });
  },
});

export const revokeVendorToken = defineRoute({
  method: 'DELETE',
  path: '/api/admin/vendors/:id/tokens/:token_id/',
  operationId: 'revokeVendorToken',
  summary: 'End a token, on every backoffice within a second',
  tag: 'admin',
  access: 'admin',
  params: z.object({ id: vendorIdField, token_id: rowIdField }),
  replies: { 200: tokenView },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  async handle({ principal, params }, backoffice) {
    const place = { vendorId: params.id, tokenId: params.token_id };
    const revoked = await revoke(backoffice, place, actorOf(principal));
    return revoked ? success('TOKEN_REVOKED', revoked) : failure('NOT_FOUND');
  },
});
