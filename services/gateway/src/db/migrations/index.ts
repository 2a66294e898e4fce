import { sqlMigrations } from '@b2b-charge/runtime';

export const gatewayMigrations = sqlMigrations(import.meta.dirname);
