/** Faults of the network, and of a PostgreSQL that starts, stops or is full (classes 08, 53, 57): the caller may repeat. */
export function isAway(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return /^(08|53|57)|^E(CONN|PIPE|HOST|NET|TIMEDOUT)/.test(code);
  return error instanceof Error && /timeout|terminated|Connection ended/i.test(error.message);
}
