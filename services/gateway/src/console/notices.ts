import { defineTexts } from './texts.ts';

/** What a page says at its top after an act sent the browser there: `redirect('/admin/…', 'signed_out')`. */
export const notices = defineTexts({
  en: {
    signed_out: 'You have signed out.',
  },
  fa: {
    signed_out: 'از سامانه خارج شدید.',
  },
});

export type Notice = keyof (typeof notices)['en'];

export const isNotice = (text: string): text is Notice => Object.hasOwn(notices.en, text);
