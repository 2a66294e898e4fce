import type { Subjects } from '@b2b-charge/contracts';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';

const NOTICE = 'backoffice.tokens.revoked';

const change = z.object({ hash: z.string().optional(), vendorId: z.int().optional() });
/** A token (its hash) that ended, or a vendor whose settings changed. */
export type Change = z.infer<typeof change>;

/** Publishes a committed change to every gateway. */
export async function publishChange(nc: NatsConnection, subjects: Subjects, what: Change): Promise<void> {
  nc.publish(subjects.call(NOTICE), JSON.stringify(what));
  await nc.flush();
}

/** Calls back on every such notice; a reconnect may have lost one, so that is the caller's to handle. */
export function onChange(
  nc: NatsConnection,
  subjects: Subjects,
  changed: (what: Change) => void,
): Disposable {
  const subscription = nc.subscribe(subjects.call(NOTICE), {
    callback: (_error, message) => changed(parse(message)),
  });
  return { [Symbol.dispose]: () => subscription.unsubscribe() };
}

/** What cannot be read names nothing, and so means everything. */
function parse(message: Msg): Change {
  try {
    return change.parse(message.json());
  } catch {
    return {};
  }
}
