import type { NatsConnection } from '@nats-io/transport-node';

/** Follows the state of the connection, for as long as it exists. */
export function watchConnection(
  nc: NatsConnection,
  { onReconnect }: { onReconnect(): void },
): { isUp(): boolean } {
  let up = true;
  void (async () => {
    for await (const { type } of nc.status()) {
      if (type === 'disconnect' || type === 'staleConnection') up = false;
      if (type === 'reconnect') {
        up = true;
        onReconnect();
      }
    }
    up = false;
  })();
  return { isUp: () => up && !nc.isClosed() };
}
