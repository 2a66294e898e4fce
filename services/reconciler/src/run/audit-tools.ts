import type { Checkpoint, Subjects } from '@b2b-charge/contracts';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import type { Replica } from '../audit/fresh-snapshot.ts';
import type { Keys } from '../keys/signing-key.ts';

/** What an audit works with. */
export interface AuditTools {
  /** The primary: what is written, and what must be of the present. */
  readonly pool: pg.Pool;
  /** Where the snapshot is taken from, if it can be. */
  readonly replica: Replica | null;
  readonly nc: NatsConnection;
  readonly subjects: Subjects;
  readonly namespace: string;
  /** Its copies are not compared while it is away. */
  readonly redis: Redis;
  /** Null without a key file: then nothing is vouched for and every audit begins at genesis. */
  readonly keys: Keys | null;
  /** The checkpoint last published, a witness outside the database. */
  readonly published: () => Promise<Checkpoint | null>;
  readonly lanes: number;
  readonly timeZone: string;
  readonly currency: string;
  readonly minorLimit: bigint;
  readonly workers: number;
  readonly trustedCreditSources: readonly string[];
  readonly creditPostedWithinMs: number;
  readonly checkpointHistoryMs: number;
  /** How long the ledger may take to notice that the log was rolled back, before that counts as tampering. */
  readonly logSettleMs: number;
}
