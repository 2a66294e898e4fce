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
