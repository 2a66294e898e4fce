import { type NatsConnection, PermissionViolationError } from '@nats-io/transport-node';

/** Answered by the leader of the cluster; while there is none, by nobody, or with "not available". */
const QUESTION = '$JS.API.INFO';
const NOT_AVAILABLE = 503;
const EVERY_MS = 2_000;
/** One after the other: an election takes four to nine seconds, and nobody is to lose his connection for that. */
const UNANSWERED = 5;

/**
 * A server that is cut off from its cluster keeps its clients, answers their pings, and does nothing for them. So whoever
 * hears nothing from the cluster's leader twice, while one does through another server, goes to the next; after about ten
 * seconds he goes in any case. A server that stands alone is not asked: there is no other. Ends with the connection.
 * `connectTo` makes a connection of the same user to one server; it tries once.
 */
export async function leaveWhenCutOff(
  nc: NatsConnection,
  connectTo: (server: string) => Promise<NatsConnection>,
): Promise<void> {
  for (let unanswered = 0; !nc.isClosed(); ) {
    const next = pause(EVERY_MS);
    const [inReach, elsewhere] = await Promise.all([
      nc.info?.cluster === undefined || isInReach(nc),
      unanswered > 0 && isInReachElsewhere(nc, connectTo),
    ]);
    unanswered = inReach ? 0 : unanswered + 1;
    if (unanswered === UNANSWERED || (unanswered > 0 && elsewhere)) {
      unanswered = 0;
      if (!nc.isClosed()) await nc.reconnect().catch(() => {}); // it is being closed
    }
    await next;
  }
}

async function isInReachElsewhere(
  nc: NatsConnection,
  connectTo: (server: string) => Promise<NatsConnection>,
): Promise<boolean> {
  if (nc.isClosed()) return false;
  const here = nc.getServer();
  const others = nc.getServers().filter(({ listen }) => listen !== here);
  const answers = await Promise.all(
    others.map(async ({ listen }) => {
      const other = await connectTo(listen).catch(() => undefined);
      if (!other) return false;
      const answer = await isInReach(other);
      await other.close();
      return answer;
    }),
  );
  return answers.includes(true);
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
