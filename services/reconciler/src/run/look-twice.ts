import type { BooksReport } from './audit-books.ts';

/**
 * What lies between the log and the books is looked at once more, from a new snapshot, before anybody is alarmed: a server may
 * have told of a log that it had not caught up with. A loss is still there then. What the first look found stands in the notes.
 */
export async function lookTwice(
  look: () => Promise<BooksReport>,
  again: (doubt: string) => Promise<void>,
): Promise<BooksReport> {
  const first = await look();
  if (first.doubt === null) return first;
  await again(first.doubt);
  const second = await look();
  if (second.doubt !== null) return second;
  return { ...second, notes: [...second.notes, `a first look found what a second did not: ${first.doubt}`] };
}
