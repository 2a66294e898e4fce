import { z } from 'zod';
import { MAX_VENDOR_ID } from './ids.ts';

/** Pieces that the calls of several services are made of. */
export const vendorId = z.int().min(1).max(MAX_VENDOR_ID);
export const instant = z.iso.datetime({ offset: true });
/** Toman with two decimals. */
export const decimal = z.string();
/** Who acts: an operator's name, a token's id. */
export const actor = z.string().min(1).max(100);
/** Where from: an address, a request id. It goes into the audit trail. */
export const origin = z.string().max(200).nullish();
export const cursor = z.string().max(64).nullish();
export const page = { limit: z.int().min(1).max(1000).default(50), cursor };
