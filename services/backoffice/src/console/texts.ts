import type { Locale } from '@b2b-charge/http/messages/index';

type Sentence = string | ((...args: never[]) => string);
/** Not the very sentences of the first language, only their kinds. */
type Like<T> = { readonly [K in keyof T]: T[K] extends string ? string : T[K] };

/** A page's sentences in every language: one that is incomplete does not compile. */
export const defineTexts = <T extends Record<string, Sentence>>(texts: {
  readonly en: T;
  readonly fa: Like<T>;
}): Readonly<Record<Locale, Like<T>>> => texts as unknown as Readonly<Record<Locale, Like<T>>>;
