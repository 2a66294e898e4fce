/** A command line, or what it asks for, is refused; the message says why and what to do. Nothing was changed. */
export class UsageError extends Error {
  override name = 'UsageError';
}
