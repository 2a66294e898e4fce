import { Redis } from 'ioredis';

/**
 * True for the answer of a replica. After a failover the name of the server leads to the new primary, but the open
 * connection to the old one would stay for ever.
 */
export const isReadOnly = (error: Error): boolean => error.message.includes('READONLY');

/**
 * A client that fails at once while Redis is away, instead of queueing: whoever asks has an answer for that case.
 * A server that takes longer than a second counts as away.
 */
export function createRedis(url: string, onChange: (state: 'up' | 'down', error?: Error) => void): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    // While it loads its data a server names how long that will take, and errs by up to the 10 s waited for it.
    maxLoadingRetryTime: 250,
    socketTimeout: 1_000,
    reconnectOnError: isReadOnly,
    retryStrategy: (attempt) => Math.min(50 * attempt, 500),
  });
  let last: Error | undefined;
  let up = false;
  redis.on('error', (error: Error) => {
    last = error;
  });
  redis.on('ready', () => {
    up = true;
    onChange('up');
  });
  redis.on('close', () => {
    if (up) onChange('down', last);
    up = false;
  });
  return redis;
}
