import {
  type CommandSchemaName,
  contentType,
  createSubjects,
  formatMoney,
  HEADERS,
  laneOf,
} from '@b2b-charge/contracts';
import { createInbox, headers, type NatsConnection } from '@nats-io/transport-node';

interface Sources {
  /** May publish as this source. */
  readonly gateway: NatsConnection;
  readonly credits: NatsConnection;
}

/** Publishes unacknowledged; beyond that the publisher waits. */
const WINDOW = 500;

/** The commands of one link of every vendor, in the order of the books: one publisher at a time keeps it. */
export async function publishLink(
  { gateway, credits }: Sources,
  vendors: number,
  number: number,
): Promise<void> {
  const nc = number === 2 ? credits : gateway;
  const source = number === 2 ? 'credits' : 'gateway';
  const subjects = createSubjects();
  const inbox = createInbox(`_INBOX.${source}`);
  let acked = 0;
  let room = Promise.withResolvers<void>();
  const subscription = nc.subscribe(`${inbox}.*`, {
    callback: () => {
      acked++;
      room.resolve();
    },
  });
  for (let vendor = 1; vendor <= vendors; vendor++) {
    const { schema, messageId, body } = commandOf(vendor, number);
    const head = headers();
    head.set(HEADERS.messageId, messageId);
    head.set(HEADERS.contentType, contentType(schema));
    nc.publish(subjects.command(laneOf(vendor, 16), source, vendor), JSON.stringify(body), {
      headers: head,
      reply: `${inbox}.${vendor}`,
    });
    while (vendor - acked >= WINDOW || (vendor === vendors && acked < vendors)) {
      room = Promise.withResolvers();
      await room.promise;
    }
  }
  subscription.unsubscribe();
}

function commandOf(
  vendor: number,
  number: number,
): { schema: CommandSchemaName; messageId: string; body: object } {
  if (number === 1) {
    return {
      schema: 'open-vendor.v1',
      messageId: `till-${vendor}-order-1`,
      body: { name: `Vendor ${vendor}` },
    };
  }
  if (number === 2) {
    return { schema: 'credit.v1', messageId: `credit-request-${vendor}`, body: { amount: '1000000.00' } };
  }
  const body = {
    phone_number: `+98912${String(vendor).padStart(7, '0')}`,
    amount: formatMoney(BigInt(1_000 + vendor)),
  };
  return { schema: 'charge.v1', messageId: `till-${vendor}-order-${number}`, body };
}
