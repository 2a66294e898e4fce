import type { Migration } from 'kysely';
import * as vendorsAndTokens from './0001-vendors-and-tokens.ts';

export const gatewayMigrations: Record<string, Migration> = {
  '0001-vendors-and-tokens': vendorsAndTokens,
};
