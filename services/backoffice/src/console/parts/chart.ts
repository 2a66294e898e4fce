import type { Visit } from '../http/page.ts';
import { type Html, html } from './html.ts';
import { texts } from './texts.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** As a reader sees it. */
  readonly text: string;
}

interface ChartOptions {
  readonly title: string;
  /** What it shows in one sentence: the figure's description. */
  readonly summary: string;
  readonly labelHead: string;
  readonly valueHead: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 960;
const HEIGHT = 240;
const TOP = 20;
const BOTTOM = 26;
const MAX_LABELS = 12;
/** On a phone only every third of them is shown. */
const PHONE_LABELS = 3;

/** A scale that ends at a round number. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step >= value) ?? value;
}

/** Upright bars, such as sales by hour, drawn from the left in every language like the clock's hours. */
export function columnChart(visit: Visit, options: ChartOptions): Html {
  const { bars } = options;
  const top = roundUp(Math.max(0, ...bars.map(({ value }) => value)));
  const step = WIDTH / Math.max(1, bars.length);
  const inner = HEIGHT - TOP - BOTTOM;
  const every = Math.ceil(bars.length / MAX_LABELS);
  const columns = bars.map(({ label, value, text }, index) => {
    const height = Math.max(value > 0 ? 2 : 0, (value / top) * inner);
    const x = index * step;
    return html`<rect class="column" x="${fix(x + step * 0.15)}" y="${fix(TOP + inner - height)}" width="${fix(step * 0.7)}" height="${fix(height)}" rx="2"><title>${label}: ${text}</title></rect>
      ${index % every === 0 ? tick(x + step / 2, 'middle', label, index % (every * PHONE_LABELS) === 0) : null}`;
  });
  return figureOf(visit, options, html`${gridLines(inner)}${columns}${scale(visit, inner, top)}`);
}

export interface Point {
  readonly atMs: number;
  readonly value: number;
  readonly label: string;
  readonly text: string;
}

/** A line that holds its height until the next point: a balance over time. */
export function stepChart(
  visit: Visit,
  options: Omit<ChartOptions, 'bars'> & { points: readonly Point[] },
): Html {
  const { points } = options;
  const inner = HEIGHT - TOP - BOTTOM;
  const [first, last] = [points[0], points.at(-1)];
  const top = roundUp(Math.max(0, ...points.map(({ value }) => value)));
  const spanMs = Math.max(1, (last?.atMs ?? 0) - (first?.atMs ?? 0));
  const x = (point: Point) => fix(((point.atMs - first!.atMs) / spanMs) * WIDTH);
  const y = (point: Point) => fix(TOP + inner - (point.value / top) * inner);
  const path = points.map((point, index) =>
    index === 0 ? `M${x(point)} ${y(point)}` : `H${x(point)}V${y(point)}`,
  );
  const area = `${path.join('')}V${fix(TOP + inner)}H0Z`;
  const ends =
    first && last
      ? html`${tick(0, 'start', first.label, true)}${tick(WIDTH, 'end', last.label, true)}`
      : null;
  const drawing = html`${gridLines(inner)}<path class="area" d="${area}"/><path class="line" d="${path.join('')}"/>${ends}${scale(visit, inner, top)}`;
  return figureOf(visit, { ...options, bars: points }, drawing);
}

/** Lying bars with their names beside them, such as the best sellers: a list that reads well without its bars. */
export function barList(bars: readonly (Bar & { href?: string })[]): Html {
  const top = Math.max(1, ...bars.map(({ value }) => value));
  return html`<ol class="bars">${bars.map(
    ({ label, value, text, href }) => html`<li>
      <span class="name">${href ? html`<a href="${href}">${label}</a>` : label}</span><bdi class="figure">${text}</bdi>
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="4"/><rect class="column" width="${fix((value / top) * 100)}" height="4"/></svg>
    </li>`,
  )}</ol>`;
}

const fix = (value: number): string => value.toFixed(1);

const tick = (x: number, anchor: 'start' | 'middle' | 'end', text: string, main: boolean): Html =>
  html`<text class="${main ? 'tick' : 'tick minor'}" x="${fix(x)}" y="${HEIGHT - 6}" text-anchor="${anchor}">${text}</text>`;

/** Lines at nothing, a half and all of the scale. */
const gridLines = (inner: number): readonly Html[] =>
  [0, 0.5, 1].map((part) => {
    const y = fix(TOP + inner * part);
    return html`<line class="grid" x1="0" x2="${WIDTH}" y1="${y}" y2="${y}"/>`;
  });

/** What the upper lines stand for; drawn last, so that nothing hides it. */
const scale = ({ formats }: Visit, inner: number, top: number): readonly Html[] =>
  [1, 0.5].map((part) => {
    const y = fix(TOP + inner * (1 - part) - 6);
    return html`<text class="tick scale" x="0" y="${y}" text-anchor="start">${formats.amount((top * part).toFixed(2))}</text>`;
  });

/** The drawing with its name and description, and the same figures as a table. */
function figureOf(
  { locale }: Visit,
  { title, summary, labelHead, valueHead, bars }: ChartOptions,
  drawing: Html,
): Html {
  return html`<figure class="chart">
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" direction="ltr" aria-label="${title}. ${summary}">
      <desc>${summary}</desc>${drawing}
    </svg>
    <figcaption>${summary}</figcaption>
    <details><summary>${texts[locale].table}</summary>
      <table><caption>${title}</caption>
        <thead><tr><th scope="col">${labelHead}</th><th scope="col" class="numeric">${valueHead}</th></tr></thead>
        <tbody>${bars.map(({ label, text }) => html`<tr><th scope="row">${label}</th><td class="numeric"><bdi>${text}</bdi></td></tr>`)}</tbody>
      </table>
    </details>
  </figure>`;
}
