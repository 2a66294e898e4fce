/** Redis: where a vendor's balance is copied to, a hash of its seq and the balance in minor units. */
export const balanceCopyKey = (namespace: string, vendorId: number): string =>
  `${namespace}balance:${vendorId}`;
