import { sqlMigrations } from '@b2b-charge/runtime';

export const creditsMigrations = sqlMigrations(import.meta.dirname);
