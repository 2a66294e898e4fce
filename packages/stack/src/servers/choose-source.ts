import { rememberSource, sourcesForData } from './kept-in.ts';
import type { ServerName, ServerOptions, SourceName } from './server.ts';

/** Something that can be run as a server. */
export interface Found {
  readonly source: Exclude<SourceName, 'url'>;
  /** A binary's path, or a container's image. */
  readonly program: string;
  readonly version: string;
  /** What the program needs in its environment, such as LD_LIBRARY_PATH. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Looks in one place; throws, with the reason, if it cannot serve. */
export type Finder = () => Promise<Found>;
export type Finders = Readonly<Partial<Record<SourceName, Finder>>>;

/** Why a source does not serve. Not a fault: the next one is tried. */
export class SourceUnavailableError extends Error {
  override name = 'SourceUnavailableError';
}

export class NoSourceError extends Error {
  override name = 'NoSourceError';
}

/** The first source, in the order wanted, that serves. Throws NoSourceError with what each one said. */
export async function chooseSource(
  name: ServerName,
  finders: Finders,
  { dataDir, sources, localFiles, progress }: ServerOptions,
): Promise<Found> {
  const reasons: string[] = [];
  const order: readonly SourceName[] = sources.binaries[name] ? ['binary'] : sources.order;
  for (const source of sourcesForData(dataDir, order)) {
    if (source === 'url') continue;
    try {
      const find = finders[source];
      if (!find) throw new SourceUnavailableError('does not have it');
      if (localFiles && source === 'container')
        throw new SourceUnavailableError('its files would not be on this machine');
      const found = await find();
      if (reasons.length > 0 && sources.forced) {
        progress?.(`${name}: ${reasons.join('; ')}; taking ${source} ${found.program}`);
      }
      rememberSource(dataDir, source);
      return found;
    } catch (error) {
      reasons.push(`${source}: ${(error as Error).message}`);
    }
  }
  throw new NoSourceError(
    `${name} was not found and could not be fetched:\n  ${reasons.join('\n  ')}\n` +
      `Its data is in ${dataDir}. Install it, start Docker, or set its URL in the environment.`,
  );
}
