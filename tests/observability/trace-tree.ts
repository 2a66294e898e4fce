import type { ReceivedSpan } from './trace-receiver.ts';

const SHOWN = ['http.response.status_code', 'outcome', 'lane', 'batch.commands', 'messaging.message.id'];

/** The spans of one trace as an indented tree: when each began after the first, how long it took, whose it is. */
export function traceTree(spans: readonly ReceivedSpan[]): string {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const ordered = spans.toSorted((a, b) => a.startMs - b.startMs || b.endMs - a.endMs);
  const zero = ordered[0]?.startMs ?? 0;
  const childrenOf = (spanId: string | null) =>
    ordered.filter(({ parentSpanId }) =>
      spanId === null ? parentSpanId === null || !known.has(parentSpanId) : parentSpanId === spanId,
    );
  const lines: string[] = [];
  const draw = (span: ReceivedSpan, indent: string, branch: string) => {
    const label = `${indent}${branch}${span.name}`;
    const start = (span.startMs - zero).toFixed(1).padStart(7);
    const length = (span.endMs - span.startMs).toFixed(1).padStart(6);
    const shown = SHOWN.filter((key) => key in span.attributes).map(
      (key) => `${key}=${span.attributes[key]}`,
    );
    const marks = [
      ...shown,
      ...(span.links.length > 0 ? [`links=${span.links.length}`] : []),
      ...(span.failed ? ['FAILED'] : []),
    ];
    lines.push(
      `${label.padEnd(38)} ${span.service.padEnd(10)} +${start} ms ${length} ms  ${marks.join(' ')}`.trimEnd(),
    );
    const children = childrenOf(span.spanId);
    const deeper = branch === '' ? indent : indent + (branch === '└─ ' ? '   ' : '│  ');
    for (const child of children) draw(child, deeper, child === children.at(-1) ? '└─ ' : '├─ ');
  };
  for (const root of childrenOf(null)) draw(root, '', '');
  return lines.join('\n');
}
