import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describeApi } from './openapi/document.ts';
import { raw } from './reply.ts';
import { type Route, routesOf } from './route.ts';

const defineRoute = routesOf<unknown>();
const FOLDER = path.join(import.meta.dirname, 'docs-page');
/** Everything of the page comes from here, and nothing in it is inline. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const ASSETS = [
  { path: '/docs/', file: 'index.html', type: 'text/html; charset=utf-8', operationId: 'getDocs' },
  {
    path: '/docs/app.js',
    file: 'app.js',
    type: 'text/javascript; charset=utf-8',
    operationId: 'getDocsScript',
  },
  {
    path: '/docs/style.css',
    file: 'style.css',
    type: 'text/css; charset=utf-8',
    operationId: 'getDocsStyle',
  },
] as const;

/** The OpenAPI document of these routes, and a page to read and try it. */
export function docsRoutes(routes: readonly Route[]): Route[] {
  const common = { method: 'GET', tag: 'system', access: 'public', hidden: true, errors: [] } as const;
  const document = JSON.stringify(describeApi(routes), null, 2);
  const openapi = defineRoute({
    ...common,
    path: '/openapi.json',
    operationId: 'getOpenApi',
    summary: 'This document',
    replies: { 200: null },
    handle: () => raw(200, { 'content-type': 'application/json; charset=utf-8' }, document),
  });
  const assets = ASSETS.map(({ file, type, ...asset }) => {
    const body = readFileSync(path.join(FOLDER, file), 'utf8');
    return defineRoute({
      ...common,
      ...asset,
      summary: 'Interactive documentation',
      replies: { 200: null },
      handle: () => raw(200, { 'content-type': type, 'content-security-policy': POLICY }, body),
    });
  });
  return [openapi, ...assets];
}
