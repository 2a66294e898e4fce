import path from 'node:path';
import { describeApi } from '@b2b-charge/http/openapi/document';
import type { Route } from '@b2b-charge/http/route';
import { expect, test } from 'vitest';
import { createRoutes as createAdminRoutes } from '../../services/backoffice/src/routes/index.ts';
import { createRoutes } from '../../services/gateway/src/routes/index.ts';
import { generateClient } from './generate-client.ts';

const config = { DEFAULT_REGION: 'IR', BUSINESS_TIMEZONE: 'Asia/Tehran' } as const;
/** The typed client knows the operations of both services: their ids are unique across both. */
const routes: Route[] = [...createRoutes(config), ...createAdminRoutes(config)];
const document = describeApi(routes);
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

test('every route that is not a document itself is described, once', () => {
  const described = operations.map(({ operationId }) => operationId);
  expect(described.toSorted()).toEqual(
    routes
      .filter(({ hidden }) => !hidden)
      .map(({ operationId }) => operationId)
      .toSorted(),
  );
  expect(new Set(described).size).toBe(described.length);
});

test('every reference leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([A-Za-z]+)"/g)];
  expect(references.length).toBeGreaterThan(50);
  for (const [, name] of references) expect(document.components.schemas).toHaveProperty([name!]);
});

test('every body comes with an example', () => {
  for (const { operationId, requestBody } of operations) {
    if (!requestBody) continue;
    const { $ref } = requestBody.content['application/json'].schema as { $ref: string };
    const schema = document.components.schemas[$ref.split('/').at(-1)!];
    expect(schema?.examples, operationId).toHaveLength(1);
  }
});

test('the typed client is the one that the document makes', async () => {
  await expect(generateClient(document)).toMatchFileSnapshot(
    path.join(import.meta.dirname, '../../packages/client/src/http/operations.ts'),
  );
});
