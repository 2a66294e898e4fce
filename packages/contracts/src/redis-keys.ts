/** Returns the prefix of the gateway's keys in Redis: "test:" for the namespace "test", nothing for none. */
export const redisPrefix = (namespace: string): string => (namespace === '' ? '' : `${namespace}:`);

/** Key of the copy of a sale's outcome, JSON. The prefix is that of redisPrefix. */
export const outcomeCopyKey = (prefix: string, vendorId: number, messageId: string): string =>
  `${prefix}outcome:${vendorId}:${messageId}`;

/** Key of the copy of a vendor's balance, a hash of its seq and the balance in minor units. */
export const balanceCopyKey = (prefix: string, vendorId: number): string => `${prefix}balance:${vendorId}`;
