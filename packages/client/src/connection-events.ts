import type { NatsConnection, Status } from '@nats-io/transport-node';

/** Calls back with the type of each event of a connection ("disconnect", "reconnect", …) until it is told to stop. */
export function onConnectionEvent(nc: NatsConnection, callback: (type: Status['type']) => void): () => void {
  // The iterator can be stopped; left alone it would stay among the connection's listeners for ever.
  const events = nc.status() as AsyncIterable<Status> & { stop?(): void };
  void (async () => {
    for await (const { type } of events) callback(type);
  })();
  return () => events.stop?.();
}
