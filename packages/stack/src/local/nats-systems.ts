import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type NatsSystems, natsSystemsSchema } from '@b2b-charge/contracts';
import { writeJson } from './json-file.ts';

export class NatsSystemsError extends Error {
  override name = 'NatsSystemsError';
}

const fileIn = (folder: string): string => path.join(folder, 'nats-systems.json');

/** The internal systems that a folder knows; none if it has no such file. Throws NatsSystemsError. */
export function readNatsSystems(folder: string): NatsSystems {
  const file = fileIn(folder);
  let text = '{}';
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw new NatsSystemsError(`${file} cannot be read: ${(cause as Error).message}`, { cause });
    }
  }
  try {
    return natsSystemsSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new NatsSystemsError(
      `${file} is not what \`npm run nats-user\` writes: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
}

export function writeNatsSystems(folder: string, systems: NatsSystems): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeJson(fileIn(folder), systems);
}
