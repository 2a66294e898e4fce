import type { Migration } from 'kysely';
import * as vendorsAndTokens from './0001-vendors-and-tokens.ts';
import * as operators from './0002-operators.ts';
import * as storage from './0003-storage.ts';

export const gatewayMigrations: Record<string, Migration> = {
  '0001-vendors-and-tokens': vendorsAndTokens,
  '0002-operators': operators,
  '0003-storage': storage,
};
