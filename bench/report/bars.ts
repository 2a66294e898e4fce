export interface Bar {
  readonly title: string;
  /** What stands at its end. */
  readonly total: string;
  readonly parts: Readonly<Record<string, number>>;
}

const COLOURS = [
  ...[
    '#3b6fb6',
    '#d9822b',
    '#3d9a62',
    '#b5485d',
    '#7d5ba6',
    '#8a6d3b',
    '#2f9e9e',
    '#c266a3',
    '#6b7a8f',
    '#a3a835',
  ],
  ...['#5a8fd0', '#e8a868', '#77bd92', '#cf8594', '#a78fc7', '#b39a6e', '#73c4c4', '#d99bc5', '#9aa6b5'],
];
const LEFT = 230;
const WIDTH = 620;
const BAR = 22;
const STEP = 34;
const LEGEND_COLUMNS = 4;
const LEGEND_STEP = 20;

const escapeXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Stacked bars as an SVG picture, readable on light and dark pages. */
export function stackedBars(title: string, unit: string, bars: readonly Bar[]): string {
  const names = [...new Set(bars.flatMap(({ parts }) => Object.keys(parts)))].filter((name) =>
    bars.some(({ parts }) => (parts[name] ?? 0) > 0),
  );
  const colour = (name: string) => COLOURS[names.indexOf(name) % COLOURS.length]!;
  const sum = ({ parts }: Bar) => Object.values(parts).reduce((total, part) => total + part, 0);
  const longest = Math.max(...bars.map(sum));
  const top = 44;
  const legendTop = top + bars.length * STEP + 16;
  const height = legendTop + Math.ceil(names.length / LEGEND_COLUMNS) * LEGEND_STEP + 8;
  const total = LEFT + WIDTH + 130;
  const shapes = bars.flatMap((bar, index) => {
    const y = top + index * STEP;
    let x = LEFT;
    const boxes = names.map((name) => {
      const width = ((bar.parts[name] ?? 0) / longest) * WIDTH;
      const value = (bar.parts[name] ?? 0).toFixed(1);
      const box = `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" fill="${colour(name)}"><title>${escapeXml(`${name}: ${value} ${unit}`)}</title></rect>`;
      x += width;
      return width < 0.1 ? '' : box;
    });
    return [
      `<text x="${LEFT - 8}" y="${y + 15}" text-anchor="end">${escapeXml(bar.title)}</text>`,
      ...boxes,
      `<text x="${(x + 8).toFixed(1)}" y="${y + 15}">${escapeXml(bar.total)}</text>`,
    ];
  });
  const legend = names.map((name, index) => {
    const x = 16 + (index % LEGEND_COLUMNS) * ((total - 32) / LEGEND_COLUMNS);
    const y = legendTop + Math.floor(index / LEGEND_COLUMNS) * LEGEND_STEP;
    return `<rect x="${x}" y="${y}" width="12" height="12" fill="${colour(name)}"/><text x="${x + 18}" y="${y + 11}">${escapeXml(name)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    '<style>text{fill:#222}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>',
    `<text x="16" y="24" font-size="16">${escapeXml(title)}</text>`,
    ...shapes,
    ...legend,
    '</svg>',
    '',
  ]
    .filter((line, index, all) => line !== '' || index === all.length - 1)
    .join('\n');
}
