import { LOCALES } from '@b2b-charge/http/messages/index';
import { z } from 'zod';
import { defineAct } from '../../http/page.ts';
import { localPath, redirect } from '../../http/reply.ts';
import { writeCookie } from '../../session/cookies.ts';

const REMEMBER_S = 365 * 86_400;

/** Language and colours of this browser. */
export const preferences = defineAct({
  id: 'preferences',
  path: '/admin/preferences/',
  access: 'public',
  input: z.object({
    locale: z.enum(LOCALES).optional(),
    theme: z.enum(['auto', 'light', 'dark']).optional(),
    back: z.string().max(2_000).optional(),
  }),
  // Changes nothing but how one browser shows things.
  trail: null,
  handle({ input: { locale, theme, back }, headers }) {
    const cookies = [
      ...(locale === undefined ? [] : [writeCookie(headers, 'locale', locale, REMEMBER_S)]),
      ...(theme === undefined ? [] : [writeCookie(headers, 'theme', theme, REMEMBER_S)]),
    ];
    return redirect(localPath(back), undefined, { cookies });
  },
});
