import type { Migration } from 'kysely';
import * as webhooks from './0001-webhooks.ts';
import * as grants from './0002-grants.ts';

export const webhooksMigrations: Record<string, Migration> = {
  '0001-webhooks': webhooks,
  '0002-grants': grants,
};
