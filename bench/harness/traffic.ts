import type { Redis } from 'ioredis';
import { z } from 'zod';

/** What NATS and Redis have passed on since they started. */
export interface Traffic {
  /** Messages that clients sent to nats-server. */
  readonly natsIn: number;
  /** Messages that nats-server sent to clients. */
  readonly natsOut: number;
  /** Times that Redis read something from a client: a pipeline that arrives as one is one. */
  readonly redisReads: number;
  readonly redisCommands: number;
}

const TIMEOUT_MS = 2_000;
const varz = z.object({ in_msgs: z.number(), out_msgs: z.number() });

export async function readTraffic(natsMonitorUrl: string, redis: Redis): Promise<Traffic> {
  const [server, info] = await Promise.all([
    fetch(`${natsMonitorUrl}/varz`, { signal: AbortSignal.timeout(TIMEOUT_MS) }).then((response) =>
      response.json(),
    ),
    redis.info('stats'),
  ]);
  const { in_msgs, out_msgs } = varz.parse(server);
  const count = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? Number.NaN);
  return {
    natsIn: in_msgs,
    natsOut: out_msgs,
    redisReads: count('total_reads_processed'),
    redisCommands: count('total_commands_processed'),
  };
}

export const trafficBetween = (before: Traffic, after: Traffic): Traffic => ({
  natsIn: after.natsIn - before.natsIn,
  natsOut: after.natsOut - before.natsOut,
  redisReads: after.redisReads - before.redisReads,
  redisCommands: after.redisCommands - before.redisCommands,
});
