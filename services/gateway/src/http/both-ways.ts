/** A path with its trailing slash and without. */
export const bothWays = (path: string): string[] =>
  path.length > 1 && path.endsWith('/') ? [path, path.slice(0, -1)] : [path];
