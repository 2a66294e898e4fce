import { describeContract } from './asyncapi.ts';
import { laneVectors } from './lane-vectors.ts';
import { contractPage } from './page.ts';
import { SCHEMAS } from './schemas.ts';

export const SCHEMA_FOLDER = 'schemas';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The published contract: text by path under docs/. */
export const contractFiles = (): Map<string, string> =>
  new Map([
    ['asyncapi.json', json(describeContract())],
    ['asyncapi.md', contractPage()],
    ['lane-vectors.json', json(laneVectors())],
    ...Object.entries(SCHEMAS).map(([name, schema]): [string, string] => [
      `${SCHEMA_FOLDER}/${name}.json`,
      json(schema),
    ]),
  ]);
