import type { ServiceName } from '@b2b-charge/contracts';
import { roleOf } from '@b2b-charge/runtime';

/** The same server and user, another database. */
export function withDatabase(url: string, database: string): string {
  const result = new URL(url);
  result.pathname = `/${database}`;
  return result.href;
}

/** The same server and database, as a service's own role. */
export function asService(
  url: string,
  service: ServiceName,
  rolePasswords: Readonly<Record<ServiceName, string>>,
): string {
  const result = new URL(url);
  result.username = roleOf(service);
  result.password = rolePasswords[service];
  return result.href;
}
