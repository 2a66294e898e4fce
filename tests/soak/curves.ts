import { KINDS, type Kind, type Point, type Series } from './series.ts';

const COLOURS = ['#3b6fb6', '#d9822b', '#3d9a62', '#b5485d', '#7d5ba6', '#8a6d3b', '#2f9e9e', '#c266a3'];
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [760, 260, 56, 150, 34, 28];
const LEGEND_STEP = 18;

export interface Mark {
  readonly atMs: number;
  readonly text: string;
}

/** The series of one kind over time as an SVG picture, readable on light and dark pages; faults are thin lines. */
export function curves(kind: Kind, all: readonly Series[], marks: readonly Mark[]): string {
  const series = all.filter((one) => one.kind === kind);
  const points = series.flatMap((one) => one.points);
  const lastMs = points.reduce((last, { atMs }) => Math.max(last, atMs), 1);
  const highest = points.reduce((high, { value }) => Math.max(high, value), 1);
  const x = (atMs: number) => (LEFT + (atMs / lastMs) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (value: number) => (HEIGHT - BOTTOM - (value / highest) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const lines = series.map(({ part, points: own }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const at = TOP + 8 + index * LEGEND_STEP;
    return [
      ...lifeLines(own, colour!, x, y),
      `<rect x="${WIDTH - RIGHT + 12}" y="${at - 8}" width="10" height="10" fill="${colour}"/>`,
      `<text x="${WIDTH - RIGHT + 28}" y="${at + 1}">${part}</text>`,
    ].join('');
  });
  const faults = marks.map(
    ({ atMs, text }) =>
      `<path d="M${x(atMs)} ${TOP}V${HEIGHT - BOTTOM}" stroke="#999" stroke-dasharray="1 4"><title>${text}</title></path>`,
  );
  const height = Math.max(HEIGHT, TOP + 16 + series.length * LEGEND_STEP);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" font-family="sans-serif" font-size="12" role="img">`,
    '<style>text { fill: #333 } @media (prefers-color-scheme: dark) { text { fill: #ccc } }</style>',
    `<text x="${LEFT}" y="20" font-size="14">${KINDS[kind].title} (${KINDS[kind].unit})</text>`,
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="#999"/>`,
    `<text x="${LEFT - 6}" y="${TOP + 8}" text-anchor="end">${highest.toFixed(0)}</text>`,
    `<text x="${LEFT - 6}" y="${HEIGHT - BOTTOM}" text-anchor="end">0</text>`,
    `<text x="${WIDTH - RIGHT}" y="${HEIGHT - 8}" text-anchor="end">${(lastMs / 60_000).toFixed(1)} min</text>`,
    ...faults,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

/** A line for each life: between two of them there was no process. */
const lifeLines = (
  points: readonly Point[],
  colour: string,
  x: (atMs: number) => string,
  y: (value: number) => string,
): string[] =>
  [...Map.groupBy(points, ({ life }) => life).values()].map((own) => {
    const path = own.map(({ atMs, value }) => `${x(atMs)},${y(value)}`).join(' ');
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${path}"/>`;
  });
