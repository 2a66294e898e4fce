import { sqlMigrations } from '@b2b-charge/runtime';

export const webhooksMigrations = sqlMigrations(import.meta.dirname);
