import type { CommandLog, LaneTitle } from './ports.ts';

/** The lanes whose cursor stands at what the log does not hold any more. */
export async function rolledBack(titles: readonly LaneTitle[], log: CommandLog): Promise<LaneTitle[]> {
  const held = new Map<string, boolean>();
  // Lanes at the same place are asked for once; at the same number they may stand in two different logs.
  const placeOf = ({ cursor }: LaneTitle) => `${cursor.seq} ${cursor.timeMs} ${cursor.messageId}`;
  for (const title of titles) {
    const place = placeOf(title);
    if (!held.has(place)) held.set(place, await log.holds(title.cursor));
  }
  return titles.filter((title) => !held.get(placeOf(title)));
}
