import type { Migration } from 'kysely';
import * as credits from './0001-credits.ts';
import * as guards from './0002-guards.ts';
import * as grants from './0003-grants.ts';

export const creditsMigrations: Record<string, Migration> = {
  '0001-credits': credits,
  '0002-guards': guards,
  '0003-grants': grants,
};
