import { en } from './en.ts';
import { fa } from './fa.ts';

export type MessageKey = keyof typeof en;
/** A language is complete or it does not compile. */
export type Catalogue = Readonly<Record<MessageKey, string>>;

export const LOCALES = ['en', 'fa'] as const;
export type Locale = (typeof LOCALES)[number];

const catalogues: Record<Locale, Catalogue> = { en, fa };

export const message = (locale: Locale, key: MessageKey): string => catalogues[locale][key];

/** The preferred language that we speak; English if there is none. */
export function localeOf(acceptLanguage: string | undefined): Locale {
  if (acceptLanguage === undefined || acceptLanguage.length > 200) return 'en';
  if (acceptLanguage === 'fa' || acceptLanguage === 'fa-IR') return 'fa';
  const wishes = acceptLanguage.split(',').map((part) => {
    const [tag = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
    return { language: tag.toLowerCase().split('-')[0], quality: Number(q) || 0 };
  });
  const spoken = wishes.filter(
    ({ language, quality }) => quality > 0 && LOCALES.some((locale) => locale === language),
  );
  const best = spoken.toSorted((a, b) => b.quality - a.quality)[0];
  return best?.language === 'fa' ? 'fa' : 'en';
}
