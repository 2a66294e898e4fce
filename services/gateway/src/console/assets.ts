import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { raw } from '../http/reply.ts';
import { definePage, type Page } from './http/page.ts';

const FOLDER = path.join(import.meta.dirname, 'assets');
const TYPES = {
  'style.css': 'text/css; charset=utf-8',
  'app.js': 'text/javascript; charset=utf-8',
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

/** The address of an asset; its content stands in it, so browsers may keep it for ever. */
export const assetUrl = (name: Name): string => `/admin/assets/${name}?v=${files.get(name)!.version}`;

export const assetPages: readonly Page[] = [...files].map(([name, { body }]) =>
  definePage({
    id: `asset-${name}`,
    path: `/admin/assets/${name}`,
    access: 'public',
    input: z.object({ v: z.string().optional() }),
    handle: () =>
      raw(200, { 'content-type': TYPES[name], 'cache-control': 'public, max-age=31536000, immutable' }, body),
  }),
);
