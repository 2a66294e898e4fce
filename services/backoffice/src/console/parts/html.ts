import { html, raw } from 'hono/html';

export { html, raw };
/** Markup whose values are escaped. Only `raw` lets text through as it is, and is for constants of our own. */
export type Html = ReturnType<typeof html>;
/** What may stand in a template. */
export type Content = Html | string | number | null | undefined | false | readonly Content[];
