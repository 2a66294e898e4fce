import type { AddressOf } from '@b2b-charge/http/client-address';
import { bothWays } from '@b2b-charge/http/paths';
import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { Desk } from './desk.ts';
import { createPageHandler } from './http/handle.ts';
import { definePage, type Page } from './http/page.ts';
import { refused } from './http/problems.ts';

interface MountOptions {
  readonly desk: Desk;
  readonly pages: readonly Page[];
  readonly addressOf: AddressOf;
  requestId(given: string | string[] | undefined): string;
}

/** Any other address below /admin. */
const nothingHere = definePage({
  id: 'nothing-here',
  path: '/admin/*',
  access: 'public',
  handle: (request) => refused(request, 'NOT_FOUND'),
});

/** Puts the pages into the router, each with and without its trailing slash. */
export function mountConsole(app: Hono<{ Bindings: HttpBindings }>, options: MountOptions): void {
  const fixedFirst = options.pages.toSorted(
    (a, b) => Number(a.path.includes(':')) - Number(b.path.includes(':')),
  );
  const otherwise = createPageHandler(nothingHere, options);
  for (const page of fixedFirst) {
    const handler = createPageHandler(page, options);
    for (const path of bothWays(page.path)) app.on(page.method, path, handler);
  }
  for (const path of ['/admin', '/admin/*']) app.all(path, otherwise);
}
