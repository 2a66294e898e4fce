import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { connect } from '@nats-io/transport-node';
import { createBareApp } from './app.ts';
import { Sender } from './sender.ts';
import { natsOptions, parseBareSettings } from './settings.ts';

/** The bare gateway's process: Hono in front of the log. Ends with its parent. */
const settings = parseBareSettings(process.env);
const nc = await connect(natsOptions(settings));
const app = createBareApp(settings, new Sender(nc, settings.EXTRAS));
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, (address: AddressInfo) =>
  process.send?.({ port: address.port }),
);
process.once('disconnect', () => process.exit());
