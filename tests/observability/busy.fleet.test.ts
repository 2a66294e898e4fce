import { afterAll, beforeAll, expect, test } from 'vitest';
import { serviceMetrics } from '../../scripts/service-metrics.ts';
import { type BusyFleet, startBusyFleet } from './busy-fleet.ts';
import { parseMetrics, total } from './scrape.ts';

const stack = new AsyncDisposableStack();
let busy: BusyFleet;
beforeAll(async () => {
  busy = await startBusyFleet(stack);
}, 120_000);
afterAll(() => stack.disposeAsync());

/** What says something only while something is wrong, or of a moment that a scrape may miss. */
const MAY_BE_ZERO = [
  ...[
    'b2b_database_pool_connections',
    'b2b_database_pool_waiting',
    'b2b_commands_in_flight',
    'b2b_command_lookups_total',
  ],
  ...[
    'b2b_nats_disconnects_total',
    'b2b_log_dropped_lines_total',
    'b2b_metrics_failed_readings_total',
    'b2b_gateway_lane_lag_seconds',
    'b2b_backoffice_lane_lag_seconds',
  ],
  ...[
    'b2b_ledger_faults_total',
    'b2b_ledger_lane_events_total',
    'b2b_gateway_redis_forged_total',
    'b2b_ledger_commands_waiting',
    'b2b_ledger_events_waiting',
    'b2b_ledger_events_from_table_total',
    'b2b_ledger_lane_lag_seconds',
    'b2b_ledger_replica_lag_bytes',
  ],
  ...['b2b_credits_open_requests', 'b2b_credits_stuck_requests', 'b2b_credits_oldest_approved_seconds'],
  ...[
    'b2b_webhooks_pending',
    'b2b_webhooks_oldest_pending_seconds',
    'b2b_webhooks_dead',
    'b2b_webhooks_failing',
    'b2b_webhooks_disabled',
    'b2b_audit_late_seconds',
    'b2b_audit_trimmed_messages_total',
    'b2b_audit_findings',
  ],
];
/** Node's own: some have no series until something happens. */
const NODES_OWN = /^(nodejs|process)_/;

test('a system under load exports every metric that docs/metrics.md names, and those that count have counted', async () => {
  const scrape = async () => {
    const seen = new Map<string, Map<string, number>>();
    for (const { service, process } of busy.fleet.processes) {
      const text = await (await fetch(`${process.opsUrl}/metrics`)).text();
      const known = seen.get(service) ?? new Map<string, number>();
      // Two ledgers share the lanes: what one of them counted was counted.
      for (const [key, value] of parseMetrics(text)) known.set(key, (known.get(key) ?? 0) + value);
      seen.set(service, known);
    }
    return seen;
  };
  await busy.work(1);
  const before = await scrape();
  await busy.work(2);
  const after = await scrape();
  const silent: string[] = [];
  for (const { service, metrics } of serviceMetrics()) {
    for (const { name, type } of metrics) {
      if (['credits', 'webhooks'].includes(service) && name === 'b2b_redis_up') continue; // does not use it
      const [then, now] = [total(before.get(service)!, name, type), total(after.get(service)!, name, type)];
      const counts = type === 'counter' || type === 'histogram';
      if (NODES_OWN.test(name)) continue;
      if (now === null) silent.push(`${service}: ${name} is missing`);
      else if (!MAY_BE_ZERO.includes(name)) {
        if (counts ? now <= (then ?? 0) : now === 0) silent.push(`${service}: ${name} stands at ${now}`);
      }
    }
  }
  expect(silent).toEqual([]);
  // A scrape does not see its own queries wait.
  await expect
    .poll(async () => [...(await scrape()).values()].map((series) => series.get('b2b_database_pool_waiting')))
    .toEqual([...after.keys()].map(() => 0));
  for (const [service, series] of after)
    expect(series.get('b2b_metrics_failed_readings_total'), service).toBe(0);
});

test('labels are few: no ids, no phone numbers, no paths as they were called', async () => {
  for (const { process } of busy.fleet.processes) {
    const text = await (await fetch(`${process.opsUrl}/metrics`)).text();
    expect(parseMetrics(text).size).toBeLessThan(1_500);
    // Without the values: a number of seconds may have the digits of a phone number by chance.
    const names = text.replaceAll(/^([^#].*) \S+$/gm, '$1');
    for (const secret of [...busy.secrets.tokens, ...busy.secrets.phones])
      expect(names).not.toContain(secret);
  }
});

test('no output of any service holds a token, a password, a key or a whole phone number', async () => {
  // In order, so that each has written all it had to say.
  await Promise.all(busy.fleet.processes.map(({ process }) => process.stop()));
  const output = busy.output();
  const { roles, nats, admin } = busy.fleet.secrets;
  const secrets = [
    ...Object.values(roles),
    ...Object.values(nats),
    admin.token,
    admin.password,
    ...busy.secrets.tokens,
  ];
  for (const [file, text] of Object.entries(output)) {
    for (const secret of [...secrets, ...busy.secrets.phones])
      expect(text.includes(secret), `${secret} in ${file}`).toBe(false);
  }
  const files = ['application.log', 'transactions.log', 'security.log', 'error.log'];
  expect(Object.keys(output)).toEqual(
    expect.arrayContaining([...files, 'gateway.log', 'ledger.log', 'credits.log', 'reconciler.log']),
  );
  for (const file of files.slice(0, 3)) {
    for (const line of output[file]!.trimEnd().split('\n'))
      expect(() => JSON.parse(line), line).not.toThrow();
  }
  for (const service of ['gateway', 'ledger', 'credits', 'reconciler', 'webhooks']) {
    expect(output['application.log']).toContain(`"service":"${service}"`);
  }
  const sales = output['transactions.log']!.split('\n').filter((line) => line.includes('"result":"posted"'));
  expect(sales.length).toBeGreaterThanOrEqual(400);
  expect(JSON.parse(sales[0]!)).toMatchObject({
    message_id: expect.any(String),
    request_id: expect.any(String),
    phone: expect.stringMatching(/^\+98912\*\*\*\d\d$/),
  });
  expect(output['transactions.log']).toContain('"msg":"credit posted"');
  expect(output['security.log']).toMatch(
    /"event":"UNAUTHENTICATED"[\s\S]*"event":"CREDIT_APPROVAL"|"event":"CREDIT_APPROVAL"/,
  );
});
