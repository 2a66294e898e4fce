import type { StackFolder } from './folder.ts';
import type { DemoVendor } from './stack-file.ts';
import type { LocalStack } from './start-local-stack.ts';
import { withoutPassword } from './start-servers.ts';

const SALE = { phone_number: '09121234567', amount: 5000 };

/** What is printed once everything is ready. */
export function readyReport(folder: StackFolder, stack: LocalStack, vendors: readonly DemoVendor[]): string {
  const { gatewayUrl, backofficeUrl, servers, secrets } = stack;
  const lines = [
    '',
    `  API         ${gatewayUrl}`,
    `  API docs    ${gatewayUrl}/docs`,
    `  Admin API   ${backofficeUrl}/docs`,
    `  Console     ${backofficeUrl}/admin/   as ${secrets.admin.username}, password ${secrets.admin.password}`,
    `  PostgreSQL  ${withoutPassword(stack.databaseUrl)}`,
    `  NATS        ${servers.nats.url}`,
    `  Redis       ${withoutPassword(servers.redis.url)}`,
    `  Secrets     ${folder.stack}`,
    `  Logs        ${folder.logs}`,
    '',
  ];
  const [vendor] = vendors;
  if (vendor)
    lines.push(`Sell a charge as ${vendor.name}:`, '', `  ${curlLine(gatewayUrl, vendor.token)}`, '');
  lines.push('Ctrl-C stops everything; the data is kept. Begin anew: npm start -- --fresh', '');
  return lines.join('\n');
}

function curlLine(gatewayUrl: string, token: string): string {
  return [
    `curl -sS -X POST ${gatewayUrl}/api/v1/charges/sell/`,
    `-H 'Authorization: Token ${token}'`,
    `-H 'Content-Type: application/json'`,
    // A key per paste: without one, the second equal sale would be refused as a suspected duplicate.
    `-H "Idempotency-Key: $(date +%s%N)"`,
    `-d '${JSON.stringify(SALE)}'`,
  ].join(' ');
}
