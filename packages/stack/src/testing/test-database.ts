import { randomBytes } from 'node:crypto';
import { SERVICES, type ServiceName } from '@b2b-charge/contracts';
import { asService, withDatabase } from '../servers/database-url.ts';
import { onServer, type TestServers } from './start-test-servers.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly name: string;
  /** As its owner. */
  readonly adminUrl: string;
  /** As each service's own role. */
  readonly urls: Readonly<Record<ServiceName, string>>;
}

/** A fresh, migrated database, cloned from the run's template; dropped when disposed, whoever is connected. */
export async function testDatabase(
  servers: Pick<TestServers, 'postgresUrl' | 'template' | 'rolePasswords'>,
): Promise<TestDatabase> {
  const { postgresUrl, template, rolePasswords } = servers;
  const name = `b2b_test_${randomBytes(6).toString('hex')}`;
  await onServer(postgresUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const adminUrl = withDatabase(postgresUrl, name);
  const urls = SERVICES.map((service) => [service, asService(adminUrl, service, rolePasswords)]);
  return {
    name,
    adminUrl,
    urls: Object.fromEntries(urls) as Record<ServiceName, string>,
    [Symbol.asyncDispose]: () => onServer(postgresUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}
