import { pages } from '../../services/backoffice/src/console/pages/index.ts';
import type { Things } from './traffic.ts';

/** Assets, downloads, streams: nothing that people look at. */
const FILE = /\.[a-z0-9]+$|\/events\/$/;

/** An address of every page that people look at, by the page's id: no page is left out of the checks. */
export function examplesOf(things: Things): Map<string, string> {
  const ids: [RegExp, string | number][] = [
    [/^\/admin\/vendors\/:id\//, things.vendorId],
    [/^\/admin\/credits\/:id\//, things.creditId],
    [/^\/admin\/transactions\/:id\//, things.transactionId],
    [/^\/admin\/reports\/:id\//, things.runId],
    [/^\/admin\/dead-letters\/:id\//, things.deadLetterId],
  ];
  const shown = pages.filter(({ method, path }) => method === 'GET' && !FILE.test(path));
  return new Map(
    shown.map(({ id, path }) => {
      const known = ids.find(([pattern]) => pattern.test(path));
      const address = path
        .replace(':id', String(known?.[1] ?? ':id'))
        .replace(':token_id', String(things.tokenId));
      if (address.includes(':')) throw new Error(`tests/console/examples.ts has no example of ${path}`);
      return [id, address];
    }),
  );
}
