import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { createNaiveApp } from './app.ts';
import { parseNaiveSettings } from './settings.ts';

/**
 * The service that one would write first: one process between HTTP and PostgreSQL, one transaction per request. It has
 * the gateway's own door (tokens, rate limit, validation, logs, metrics) and the ledger's own rules and rows, so that
 * what is compared is the way in between.
 */
const settings = parseNaiveSettings(process.env);
const { app, close } = createNaiveApp(settings);
const server = serve(
  { fetch: app.fetch, port: settings.PORT, hostname: '127.0.0.1' },
  (address: AddressInfo) => process.send?.({ port: address.port }),
);
process.once('disconnect', () => {
  server.close();
  void close().finally(() => process.exit());
});
