import type { Route } from './route.ts';

const API = '/api/';
/** The version of the API; docs/versioning.md says what may change within it. */
export const API_V1 = '/api/v1/';

/** The path that is documented and linked to. */
export const documentedPath = ({ path, operational }: Pick<Route, 'path' | 'operational'>): string =>
  path.startsWith(API) && !operational ? API_V1 + path.slice(API.length) : path;

/** Each path that a route is served at: with and without its version, with and without its trailing slash. */
export const servedPaths = (route: Pick<Route, 'path' | 'operational'>): string[] =>
  [...new Set([route.path, documentedPath(route)])].flatMap(bothWays);

/** A path with its trailing slash and without. */
export const bothWays = (path: string): string[] =>
  path.length > 1 && path.endsWith('/') ? [path, path.slice(0, -1)] : [path];
