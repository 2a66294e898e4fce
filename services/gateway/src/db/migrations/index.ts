import type { Migration } from 'kysely';
import * as vendorsAndTokens from './0001-vendors-and-tokens.ts';
import * as operators from './0002-operators.ts';

export const gatewayMigrations: Record<string, Migration> = {
  '0001-vendors-and-tokens': vendorsAndTokens,
  '0002-operators': operators,
};
