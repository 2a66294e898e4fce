import type { Ask } from '@b2b-charge/http/ask';
import { Seal } from '@b2b-charge/http/seal';
import type { Redis } from 'ioredis';
import type { GatewayConfig } from '../config.ts';
import { CopyWriter } from '../redis/writer.ts';
import { askFirstSale } from './first-sale.ts';
import { ReplayCopies } from './replay-copies.ts';
import { ChargeDesk, type SellDeps } from './sell.ts';
import { SpendWindow } from './spend-window.ts';

interface Parts extends Pick<SellDeps, 'send' | 'now'> {
  readonly redis: Redis;
  /** Of all keys in Redis. */
  readonly prefix: string;
  readonly ask: Ask;
  /** Called for each entry in Redis that did not open. */
  onForged(): void;
}

/** Puts together what sells charges. */
export function createCharges(
  config: GatewayConfig,
  { redis, prefix, ask, send, onForged, now }: Parts,
): { charges: ChargeDesk; replays: ReplayCopies } {
  const writer = new CopyWriter(redis);
  const seal = new Seal(config.REDIS_SEAL_KEY);
  const seconds = config.DOUBLE_SPENDING_TIMEOUT;
  const replays = new ReplayCopies({
    redis,
    writer,
    seal,
    prefix,
    seconds: config.IDEMPOTENCY_TIMEOUT,
    onForged,
  });
  const charges = new ChargeDesk({
    send,
    ask: (vendorId, claim) => askFirstSale(ask, vendorId, claim),
    replays,
    window: seconds === 0 ? null : new SpendWindow({ redis, writer, prefix, seconds }),
    deadlineMs: config.CHARGE_DEADLINE_MS,
    now,
  });
  return { charges, replays };
}
