import { knowing } from './plants.ts';
import type { Plant } from './stage.ts';

const OTHER_SALT = 'ee'.repeat(16);

/** Planted defects in the comparison of a repeat with the recorded command. */
export const REPEAT_PLANTS: Readonly<Record<string, Plant>> = {
  'a repeat is compared by the salt of another copy': {
    tamper: ({ store, ...ports }) => ({
      ...ports,
      store: knowing(store, ({ known }) => ({
        known: new Map(
          [...known].map(([key, row]) => [key, { ...row, phoneSalt: row.phoneSalt && OTHER_SALT }]),
        ),
      })),
    }),
  },
  'an erased row takes no repeat': {
    tamper: ({ store, ...ports }) => ({
      ...ports,
      store: knowing(store, ({ known }) => ({
        known: new Map(
          [...known].map(([key, row]) => [
            key,
            row.phoneNumber === null ? { ...row, phoneCommitment: null } : row,
          ]),
        ),
      })),
    }),
  },
};
