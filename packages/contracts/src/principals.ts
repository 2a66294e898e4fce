import { z } from 'zod';

/** Sender of a command: a token by its id, an operator by name, or a system. */
export const PRINCIPAL = /^(token|operator|system):[!-~]{1,100}$/;

export const principalSchema = z.string().regex(PRINCIPAL);

export type PrincipalKind = 'token' | 'operator' | 'system';

/** Returns e.g. "token:17". */
export const principal = (kind: PrincipalKind, name: string | number): string => `${kind}:${name}`;
