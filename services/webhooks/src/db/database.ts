import type { Kysely, Transaction } from 'kysely';

/** Statements are plain SQL; each names the shape of its rows. */
export type Database = Kysely<unknown>;
export type Tx = Transaction<unknown>;
