import { storeWith } from './plants.ts';
import type { Plant } from './stage.ts';

/** Defects of the recovery of a database that went back. */
export const RECOVERY_PLANTS: Readonly<Record<string, Plant>> = {
  'the fence looks at the epoch and the owner alone': {
    fence: (row, { epoch, owner }) => row.epoch === epoch && row.owner === owner,
  },
  'a database that went back is not noticed': {
    tamper: (ports) => ({
      ...ports,
      history: { ...ports.history, span: async () => ({ firstSeq: 1, lastSeq: 0 }) },
    }),
  },
  'of what was announced only the newest page is read': {
    tamper: ({ history, ...ports }) => ({
      ...ports,
      history: {
        ...history,
        async *backTo(sinceMs, span) {
          for await (const page of history.backTo(sinceMs, span)) return yield page;
        },
      },
    }),
  },
  'what the database lost is written down on no lane': {
    tamper: ({ marks, ...ports }) => ({ ...ports, marks: { ...marks, replay: async () => {} } }),
  },
  'what the database lost counts as never executed': {
    tamper: ({ store, ...ports }, _world, { lanes }) => ({
      ...ports,
      store: storeWith(store, {
        claim: async (atMost, held) => {
          const titles = await store.claim(atMost, held);
          for (const { lane, epoch } of titles) Object.assign(lanes[lane]!, { comparedEpoch: epoch });
          return titles;
        },
      }),
    }),
  },
};
