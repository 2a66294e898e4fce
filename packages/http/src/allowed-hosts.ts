/** Two Host headers are for two readers to disagree on (RFC 9112, 3.2). `rawHeaders` as Node has them. */
export function namesTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts > 1;
}

/** Tells whether a Host header names a host that is served here. */
export function createHostCheck(allowed: readonly string[]): (host: string | undefined) => boolean {
  if (allowed.includes('*')) return () => true;
  const exact = new Set(allowed.filter((name) => !name.startsWith('.')).map((name) => name.toLowerCase()));
  const suffixes = allowed.filter((name) => name.startsWith('.')).map((name) => name.toLowerCase());
  return (header) => {
    if (header === undefined) return false;
    const host = header.toLowerCase().replace(/:\d{1,5}$/, '');
    return exact.has(host) || suffixes.some((suffix) => host === suffix.slice(1) || host.endsWith(suffix));
  };
}
