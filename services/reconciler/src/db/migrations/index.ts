import { sqlMigrations } from '@b2b-charge/runtime';

export const reconcilerMigrations = sqlMigrations(import.meta.dirname);
