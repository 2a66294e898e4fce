const UNITS_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of "90s", "15m", "12h" or "30d"; null for anything else. */
export function parseDurationMs(text: string): number | null {
  const match = /^([1-9][0-9]{0,5})([smhd])$/.exec(text);
  return match ? Number(match[1]) * UNITS_MS[match[2] as keyof typeof UNITS_MS] : null;
}
