import { hash, randomBytes } from 'node:crypto';

export const TOKEN_ROLES = ['vendor', 'admin'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

/** The tag shows people, and scanners for leaked secrets, the token's kind. */
const TAGS: Readonly<Record<TokenRole, string>> = { vendor: 'b2bv_', admin: 'b2ba_' };

/** A new token of 256 random bits. It is shown once and stored hashed. */
export const mintToken = (role: TokenRole): string => TAGS[role] + randomBytes(32).toString('base64url');

/** SHA-256, in base64: what the database and the caches know of a token. */
export const hashToken = (token: string): string => hash('sha256', token, 'base64');

const SCHEME = /^(?:token|bearer) +([A-Za-z0-9_-]{32,200})$/i;

/** The token of an Authorization header, by either scheme; null if it holds none that could be ours. */
export const tokenOf = (authorization: string): string | null => SCHEME.exec(authorization)?.[1] ?? null;
