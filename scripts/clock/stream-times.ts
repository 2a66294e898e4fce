import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * nats-server is a Go program, which no preloaded library reaches: it keeps the real time. This gives its times the
 * shift where the client library reads them, and takes it back where a consumer names a time to start from.
 */
export function shiftStreamTimes(shiftMs: number): void {
  const require = createRequire(import.meta.url);
  const jetstream = path.dirname(require.resolve('@nats-io/jetstream'));
  const { MsgImpl } = require('@nats-io/nats-core/internal');
  const { StoredMsgImpl } = require(path.join(jetstream, 'jsmstream_api.js'));
  const { ConsumerAPIImpl } = require(path.join(jetstream, 'jsmconsumer_api.js'));
  const shifted = (time: string, byMs: number) => new Date(Date.parse(time) + byMs).toISOString();

  mapGetter(StoredMsgImpl.prototype, 'timestamp', (time) => shifted(time, shiftMs));
  mapGetter(MsgImpl.prototype, 'reply', (reply) => shiftedReply(reply, BigInt(shiftMs) * 1_000_000n));
  const { add } = ConsumerAPIImpl.prototype;
  ConsumerAPIImpl.prototype.add = function (
    stream: string,
    config: { opt_start_time?: string },
    ...more: unknown[]
  ) {
    const start = config.opt_start_time;
    const own = start ? { ...config, opt_start_time: shifted(start, -shiftMs) } : config;
    return add.call(this, stream, own, ...more);
  };
}

/** A delivered message has the time at which the stream stored it in its reply subject. */
function shiftedReply(reply: string, shiftNs: bigint): string {
  if (!reply.startsWith('$JS.ACK.')) return reply;
  const tokens = reply.split('.');
  const place = tokens.length > 9 ? 9 : 7;
  tokens[place] = String(BigInt(tokens[place]!) + shiftNs);
  return tokens.join('.');
}

function mapGetter(prototype: object, name: string, map: (value: string) => string): void {
  const { get } = Object.getOwnPropertyDescriptor(prototype, name) as { get(): string };
  Object.defineProperty(prototype, name, {
    get(this: object) {
      return map(get.call(this));
    },
  });
}
