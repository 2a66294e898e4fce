import { type NatsConnection, PermissionViolationError } from '@nats-io/transport-node';

/** Answered by the leader of the cluster; while there is none, by nobody, or with "not available". */
const QUESTION = '$JS.API.INFO';
const NOT_AVAILABLE = 503;
const EVERY_MS = 2_000;
/** One after the other: an election takes four to nine seconds, and nobody is to lose his connection for that. */
const UNANSWERED = 5;

/**
 * A server that is cut off from its cluster keeps its clients, answers their pings, and does nothing for them. So whoever
 * hears nothing from the cluster's leader for about ten seconds goes to the next server. A server that stands alone is
 * not asked: there is no other. Ends with the connection.
 */
export async function leaveWhenCutOff(nc: NatsConnection): Promise<void> {
  for (let unanswered = 0; !nc.isClosed(); ) {
    const next = pause(EVERY_MS);
    const inReach = nc.info?.cluster === undefined || (await isInReach(nc));
    unanswered = inReach ? 0 : unanswered + 1;
    if (unanswered === UNANSWERED && !nc.isClosed()) {
      unanswered = 0;
      await nc.reconnect().catch(() => {}); // it is being closed
    }
    await next;
  }
}

async function isInReach(nc: NatsConnection): Promise<boolean> {
  try {
    const reply = await nc.request(QUESTION, '', { timeout: EVERY_MS });
    return reply.json<{ error?: { code: number } }>().error?.code !== NOT_AVAILABLE;
  } catch (error) {
    return error instanceof PermissionViolationError; // a user of before that may not ask
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms).unref());
