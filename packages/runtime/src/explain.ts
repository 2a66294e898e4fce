/** The messages of an error and of its causes, a line each, without stacks. */
export function explain(error: unknown): string {
  const lines: string[] = [];
  for (let one = error; one instanceof Error; one = one.cause) lines.push(`${one.name}: ${one.message}`);
  return lines.length > 0 ? lines.join('\n  because ') : String(error);
}
