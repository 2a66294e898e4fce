import type { Raw } from '@b2b-charge/http/reply';
import type { Notice } from '../notices.ts';
import type { Html } from '../parts/html.ts';

export interface Shown {
  readonly kind: 'page';
  readonly status: number;
  readonly title: string;
  /** Below the title. */
  readonly body: Html;
  /** Beside the title: links and buttons. */
  readonly tools: Html | null;
  /** Of another page that this one belongs to: it is marked in the menu. */
  readonly under: string | null;
  /** Seconds after which it is out of date, because something goes on that it tells of. */
  readonly refreshS: number | null;
}

export interface Redirect {
  readonly kind: 'redirect';
  readonly to: string;
  readonly cookies: readonly string[];
}

/** `noted` is added to the act's end in the trail: ids that only the act itself gave. */
export type ConsoleReply = (Shown | Redirect | Raw) & { readonly noted?: Readonly<Record<string, unknown>> };

export const show = (
  title: string,
  body: Html,
  {
    status = 200,
    tools = null,
    under = null,
    refreshS = null,
  }: { status?: number; tools?: Html | null; under?: string | null; refreshS?: number | null } = {},
): Shown => ({ kind: 'page', status, title, body, tools, under, refreshS });

/** After an act: the browser opens a page, which may say what was done. */
export function redirect(
  to: string,
  notice?: Notice,
  { cookies = [] }: { cookies?: readonly string[] } = {},
): Redirect {
  const mark = to.includes('?') ? '&' : '?';
  return { kind: 'redirect', to: notice === undefined ? to : `${to}${mark}done=${notice}`, cookies };
}

/** A path within the console, or its first page: a link from outside leads nowhere else. */
export const localPath = (text: string | undefined): string =>
  text !== undefined && /^\/admin\/[\w\-./?=&%:+~,@]*$/.test(text) && !text.includes('//') ? text : '/admin/';
