import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { SourceName } from './server.ts';

/**
 * Data made in a container's volume is not to be found in the folder, nor the other way round. What held it first is
 * remembered, so that no server ever comes up silently empty because Docker has been started or stopped.
 */
export function sourcesForData(dataDir: string, order: readonly SourceName[]): readonly SourceName[] {
  switch (keptIn(dataDir)) {
    case 'volume':
      return order.filter((source) => source === 'container');
    case 'folder':
      return order.filter((source) => source !== 'container');
    case undefined:
      return order;
  }
}

export function rememberSource(dataDir: string, source: SourceName): void {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(file(dataDir), source === 'container' ? 'volume' : 'folder');
}

function keptIn(dataDir: string): 'volume' | 'folder' | undefined {
  try {
    return readFileSync(file(dataDir), 'utf8') === 'volume' ? 'volume' : 'folder';
  } catch {
    return undefined;
  }
}

const file = (dataDir: string) => path.join(dataDir, 'kept-in');
