export interface Bar {
  /** What the tooltip says. */
  readonly label: string;
  /** Stacked from below; one per series. */
  readonly values: readonly number[];
}

export interface Chart {
  readonly title: string;
  /** One CSS class per series. */
  readonly series: readonly string[];
  readonly bars: readonly Bar[];
  readonly unit: string;
}

const WIDTH = 640;
const HEIGHT = 160;
const LEFT = 56;
const BOTTOM = 20;

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A bar chart as one inline SVG: no script, no font, no image of its own. */
export function barChart({ title, series, bars, unit }: Chart): string {
  const sums = bars.map((bar) => bar.values.reduce((sum, value) => sum + value, 0));
  const top = niceTop(Math.max(0, ...sums));
  const width = (WIDTH - LEFT) / Math.max(1, bars.length);
  const height = (value: number) => ((HEIGHT - BOTTOM - 10) * value) / top;
  const drawn = bars.map((bar, index) => {
    let y = HEIGHT - BOTTOM;
    const parts = bar.values.map((value, at) => {
      y -= height(value);
      return `<rect class="${series[at]}" x="${round(LEFT + index * width)}" y="${round(y)}" width="${round(
        Math.max(1, width - 1),
      )}" height="${round(height(value))}"/>`;
    });
    return `<g><title>${escapeHtml(bar.label)}</title>${parts.join('')}</g>`;
  });
  const lines = [0, 0.5, 1].map((share) => {
    const y = round(HEIGHT - BOTTOM - height(top * share));
    const text = Number((top * share).toPrecision(3)).toLocaleString('en-US');
    return `<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${y}" y2="${y}"/><text x="${LEFT - 6}" y="${
      y + 4
    }" text-anchor="end">${text}</text>`;
  });
  return `<figure><figcaption>${escapeHtml(title)} <small>${escapeHtml(unit)}</small></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">${lines.join('')}${drawn.join('')}
<text x="${LEFT}" y="${HEIGHT - 4}">older</text><text x="${WIDTH}" y="${HEIGHT - 4}" text-anchor="end">newest</text></svg></figure>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** The next 1, 2 or 5 with zeros, so that the scale reads well. */
function niceTop(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10);
}
