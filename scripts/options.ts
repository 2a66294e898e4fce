import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The command line cannot be understood; the message is for whoever typed it. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** parseArgs, whose complaints are UsageErrors. */
export function readArguments<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

/** The number that an option holds. Throws UsageError if it is none from `low` to `high`. */
export function numberIn<N extends string>(
  values: Readonly<Partial<Record<N, string>>>,
  name: N,
  [low, high]: readonly [number, number],
): number {
  const value = Number(values[name]);
  if (!(value >= low && value <= high))
    throw new UsageError(`--${name} ${values[name]}: not a number from ${low} to ${high}`);
  return value;
}
