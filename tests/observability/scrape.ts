/** The values of each series in the Prometheus text format, by its name and labels as written. */
export function parseMetrics(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))] as const;
    }),
  );
}

/** The sum over all series of a metric; of a histogram, of its observations. Null if there is no series. */
export function total(series: ReadonlyMap<string, number>, name: string, type: string): number | null {
  const wanted = type === 'histogram' ? `${name}_count` : name;
  const values = [...series]
    .filter(([key]) => key === wanted || key.startsWith(`${wanted}{`))
    .map(([, value]) => value);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}
