import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { raw } from '@b2b-charge/http/reply';
import { z } from 'zod';
import { definePage, type Page } from './http/page.ts';

const FOR_EVER = 'public, max-age=31536000, immutable';
const FOLDER = path.join(import.meta.dirname, 'assets');
const TYPES = {
  'style.css': 'text/css; charset=utf-8',
  'app.js': 'text/javascript; charset=utf-8',
  'feed.js': 'text/javascript; charset=utf-8',
  'queue.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const;
type Name = keyof typeof TYPES;

const files = new Map(
  (Object.keys(TYPES) as Name[]).map((name) => {
    const body = readFileSync(path.join(FOLDER, name), 'utf8');
    return [name, { body, version: createHash('sha256').update(body).digest('base64url').slice(0, 12) }];
  }),
);

const FONTS = ['arabic', 'latin', 'latin-ext'] as const;

/** The typeface, as its package brings it; the style sheet names these addresses. */
const fontPages = FONTS.map((script) => {
  const name = `vazirmatn-${script}-wght-normal.woff2`;
  const body = readFileSync(new URL(import.meta.resolve(`@fontsource-variable/vazirmatn/files/${name}`)));
  return definePage({
    id: `asset-${name}`,
    path: `/admin/assets/${name}`,
    access: 'public',
    handle: () => raw(200, { 'content-type': 'font/woff2', 'cache-control': FOR_EVER }, body),
  });
});

/** The address of an asset; its content stands in it, so browsers may keep it for ever. */
export const assetUrl = (name: Name): string => `/admin/assets/${name}?v=${files.get(name)!.version}`;

const filePages = [...files].map(([name, { body }]) =>
  definePage({
    id: `asset-${name}`,
    path: `/admin/assets/${name}`,
    access: 'public',
    input: z.object({ v: z.string().optional() }),
    handle: () => raw(200, { 'content-type': TYPES[name], 'cache-control': FOR_EVER }, body),
  }),
);

export const assetPages: readonly Page[] = [...filePages, ...fontPages];
