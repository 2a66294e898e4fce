import { sqlMigrations } from '@b2b-charge/runtime';

export const ledgerMigrations = sqlMigrations(import.meta.dirname);
