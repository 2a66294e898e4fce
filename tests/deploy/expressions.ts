import { type DescribedMetric, serviceMetrics } from '../../scripts/service-metrics.ts';

const metrics = new Map<string, DescribedMetric>(
  serviceMetrics().flatMap((service) => service.metrics.map((metric) => [metric.name, metric] as const)),
);
/** Prometheus adds these to every series, or has them of its own. */
const TARGET_LABELS = ['job', 'instance'];
const OWN: Record<string, readonly string[]> = { up: [], ALERTS: ['alertname', 'alertstate', 'severity'] };
const WORDS = /^(by|without|on|ignoring|group_left|group_right|and|or|unless|bool|offset|inf|nan)$/i;

/** The labels of a series; null if no service exports it. */
function labelsOf(series: string): readonly string[] | null {
  if (OWN[series]) return [...OWN[series], ...TARGET_LABELS];
  const exact = metrics.get(series);
  if (exact && exact.type !== 'histogram') return [...exact.labelNames, ...TARGET_LABELS];
  const part = /^(.*)_(bucket|sum|count)$/.exec(series);
  const histogram = part && metrics.get(part[1]!);
  if (histogram?.type !== 'histogram') return null;
  return [...histogram.labelNames, ...TARGET_LABELS, ...(part![2] === 'bucket' ? ['le'] : [])];
}

/** What is wrong with the names in an expression: series that nobody exports, labels that they do not have. */
export function problemsOf(expression: string): string[] {
  const text = expression.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/\[[^\]]*\]/g, '');
  const problems: string[] = [];
  const known = new Set<string>();
  const names = /\b([a-zA-Z_:][\w:]*)\b(?!\s*\(|\s+(?:by|without)\s*\()\s*(\{[^}]*\})?/g;
  for (const [, series, selector] of text.matchAll(names)) {
    if (WORDS.test(series!) || isGroupingLabel(text, series!)) continue;
    const labels = labelsOf(series!);
    if (!labels) problems.push(`no service exports ${series}`);
    for (const label of labels ?? []) known.add(label);
    for (const [, label] of (selector ?? '').matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) {
      if (labels && !labels.includes(label!)) problems.push(`${series} has no label ${label}`);
    }
  }
  for (const label of groupingLabels(text)) {
    if (!known.has(label)) problems.push(`nothing here has the label ${label}`);
  }
  return problems;
}

const groupingLabels = (text: string): string[] =>
  [...text.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, list]) =>
    list!
      .split(',')
      .map((label) => label.trim())
      .filter((label) => label !== ''),
  );

const isGroupingLabel = (text: string, name: string): boolean =>
  groupingLabels(text).includes(name) && labelsOf(name) === null;
