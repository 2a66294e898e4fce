import { randomUUID } from 'node:crypto';
import type { WebhookDelivery } from '@b2b-charge/contracts';
import type { Database } from '../db/database.ts';
import { deliveryOfEvent } from '../deliveries/list-deliveries.ts';
import { bodyOf, enqueue, type RecordRules } from '../intake/record.ts';
import { type Actor, writeTrail } from './trail.ts';
import { lockEndpoint } from './view.ts';

/** Queues an event of the type "test", behind what waits. Errors: NOT_FOUND. */
export function sendTest(
  db: Database,
  asked: Actor & { readonly vendor_id: number; readonly id: number },
  rules: RecordRules,
): Promise<WebhookDelivery> {
  const { id, vendor_id } = asked;
  const eventId = randomUUID();
  return db.transaction().execute(async (tx) => {
    const { pending } = await lockEndpoint(tx, { id, vendor_id });
    const body = bodyOf('test', new Date().toISOString(), { vendor_id, webhook_id: id });
    await enqueue(
      tx,
      [{ endpointId: id, vendorId: vendor_id, eventId, type: 'test', body }],
      [{ id, room: rules.maxPending - pending }],
      rules,
    );
    await writeTrail(tx, asked, { action: 'tested', endpointId: id, vendorId: vendor_id });
    return deliveryOfEvent(tx, id, eventId);
  });
}
