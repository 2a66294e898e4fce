import type { Drill } from './drill.ts';
import { eventsLost } from './events-lost.ts';
import { failOver, failOverBehind } from './fail-over.ts';
import { failOverSilent } from './fail-over-silent.ts';
import { natsClusterDrill } from './nats-cluster-drill.ts';
import { natsLost, natsWentBack } from './nats-lost.ts';
import { natsPartition } from './nats-partition.ts';
import { redisLost } from './redis-lost.ts';
import { restoreDatabase } from './restore-database.ts';
import { rollingRestart } from './rolling-restart.ts';

export const DRILLS: readonly Drill[] = [
  restoreDatabase,
  natsLost,
  natsWentBack,
  eventsLost,
  redisLost,
  failOver,
  failOverBehind,
  failOverSilent,
  rollingRestart,
  natsClusterDrill,
  natsPartition,
];
