import { sqlMigrations } from '@b2b-charge/runtime';

export const backofficeMigrations = sqlMigrations(import.meta.dirname);
