import type { ApiError, ClusterInfo, PeerInfo } from '@nats-io/jetstream';
import { type NatsConnection, nanos, PermissionViolationError } from '@nats-io/transport-node';

/** "Not available", "offline": an answer, and yet nobody who could do anything. */
const NOBODY_LEADS = 500;
const EVERY_MS = 2_000;
/** One after the other: an election takes four to nine seconds, and nobody is to lose his connection for that. */
const UNANSWERED = 5;
/** A leader hears of each of the others every second. */
const HEARD_WITHIN = nanos(4_000);

interface Answer {
  readonly error?: ApiError;
  /** Of a stream, with the servers that hold copies besides the leader. */
  readonly cluster?: ClusterInfo;
}

interface Reach {
  /** The stream that the connection is for: its leader is asked for, not the cluster's. */
  readonly stream?: string | undefined;
  /** Prefix of JetStream's API for this user. */
  readonly api: string;
  /** A connection of the same user to one server; tries once. */
  readonly connectTo: (server: string) => Promise<NatsConnection>;
}

/**
 * A server that is cut off from its cluster keeps its clients, answers their pings, and does nothing for them. So whoever
 * hears nothing from the leader twice, while one does through another server, goes to the next; after about ten
 * seconds he goes in any case. A server that stands alone is not asked: there is no other. Ends with the connection.
 */
export async function leaveWhenCutOff(nc: NatsConnection, { stream, api, connectTo }: Reach): Promise<void> {
  // Answered by the leader of the cluster; while there is none, by no one, or with "not available".
  const cluster = `${api}.INFO`;
  let question = stream === undefined ? cluster : `${api}.STREAM.INFO.${stream}`;
  for (let unanswered = 0; !nc.isClosed(); ) {
    const next = pause(EVERY_MS);
    const [inReach, elsewhere] = await Promise.all([
      nc.info?.cluster === undefined || isInReach(nc),
      unanswered > 0 && isInReachElsewhere(),
    ]);
    unanswered = inReach ? 0 : unanswered + 1;
    if (unanswered === UNANSWERED || (unanswered > 0 && elsewhere)) {
      unanswered = 0;
      if (!nc.isClosed()) await nc.reconnect().catch(() => {}); // it is being closed
    }
    await next;
  }

  async function isInReachElsewhere(): Promise<boolean> {
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

  async function isInReach(from: NatsConnection): Promise<boolean> {
    try {
      const reply = await from.request(question, '', { timeout: EVERY_MS });
      const { error, cluster } = reply.json<Answer>();
      return (error?.code ?? 0) < NOBODY_LEADS && hearsMajority(cluster?.replicas ?? []);
    } catch (error) {
      // A user of before, who may not ask that, or not even this.
      if (!(error instanceof PermissionViolationError)) return false;
      question = cluster;
      return true;
    }
  }
}

/** A leader that is cut off goes on answering until it notices, for ten to twenty seconds. But it hears of nobody. */
function hearsMajority(others: readonly PeerInfo[]): boolean {
  const heard = others.filter(({ active, offline }) => !offline && active < HEARD_WITHIN);
  return heard.length >= Math.floor((others.length + 1) / 2);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms).unref());
