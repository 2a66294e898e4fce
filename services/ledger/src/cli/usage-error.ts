/** The command cannot be carried out as it is written, or not now; its message is for the operator. */
export class UsageError extends Error {
  override name = 'UsageError';
}
