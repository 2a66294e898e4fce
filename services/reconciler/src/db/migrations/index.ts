import type { Migration } from 'kysely';
import * as reconciler from './0001-reconciler.ts';
import * as grants from './0002-grants.ts';
import * as staging from './0003-staging.ts';

export const reconcilerMigrations: Record<string, Migration> = {
  '0001-reconciler': reconciler,
  '0002-grants': grants,
  '0003-staging': staging,
};
