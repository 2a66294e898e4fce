import { Refusal } from '@b2b-charge/http/errors';

/** Undefined while the service that was asked is away: that must not keep the rest of a page from being seen. */
export const orAway = <T>(answer: Promise<T>): Promise<T | undefined> =>
  answer.catch((error: unknown) => {
    if (error instanceof Refusal && error.code === 'UNAVAILABLE') return undefined;
    throw error;
  });
