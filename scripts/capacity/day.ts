/**
 * A day of traffic by the hour, in parts of its average: few at night, a hill in the afternoon and evening. An assumption, not
 * a measurement: give your own day to the simulation before you buy machines by it.
 */
export const HOURS = [
  0.35, 0.2, 0.12, 0.08, 0.08, 0.12, 0.3, 0.6, 0.95, 1.2, 1.35, 1.5, 1.6, 1.5, 1.3, 1.25, 1.35, 1.5, 1.65,
  1.7, 1.6, 1.4, 1.1, 0.7,
] as const;

/** For one minute at noon everybody sells at once: so many times what the curve says. */
export const BURST = 3;
const NOON_HOUR = 12;
const SECONDS_PER_DAY = 86_400;
const AVERAGE = HOURS.reduce((sum, part) => sum + part, 0) / HOURS.length;

/** The rate at an hour (0 up to 24), as a part of the day's average. */
export const rateAt = (hour: number): number => HOURS[Math.floor(hour) % HOURS.length]! / AVERAGE;

/** The share of a day's charges that falls into its busiest second: noon's burst. */
export const shareOfPeakSecond = (): number =>
  Math.max(BURST * rateAt(NOON_HOUR), ...HOURS.map((_, hour) => rateAt(hour))) / SECONDS_PER_DAY;
