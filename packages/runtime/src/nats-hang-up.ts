import type { NatsConnection, NatsConnectionImpl } from '@nats-io/transport-node';

/**
 * A client that gives a server up first waits until everything that it has written has left the process. To a host that is
 * gone nothing leaves once the kernel's buffer is full (200 messages a second fill it before the pings tell), and the
 * client would wait for TCP to give up: a quarter of an hour. So we hang up for it. Ends with the connection.
 */
export async function hangUpWhenLost(nc: NatsConnection): Promise<void> {
  for await (const { type } of nc.status())
    if (type === 'staleConnection' || type === 'forceReconnect')
      await (nc as NatsConnectionImpl).protocol.transport.close();
}
