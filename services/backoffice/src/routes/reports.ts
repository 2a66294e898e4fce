import { checkpointSchema, findingSchema, RUN_STATUSES } from '@b2b-charge/contracts';
import { cursorQuery, rowIdField } from '@b2b-charge/http/fields';
import { failure, type Reply, raw, success } from '@b2b-charge/http/reply';
import { actorOf } from '@b2b-charge/http/tokens/principal';
import { auditRunView } from '@b2b-charge/http/views';
import { z } from 'zod';
import type { Backoffice } from '../backoffice.ts';
import { defineRoute } from './define-route.ts';

const formatQuery = z.strictObject({ format: z.enum(['json', 'text']).default('json') });
const reportView = z
  .object({ run: auditRunView, findings: z.array(findingSchema), checkpoint: checkpointSchema.nullable() })
  .meta({ id: 'AuditReport' });

export const listReports = defineRoute({
  method: 'GET',
  path: '/api/admin/reports/',
  operationId: 'listReports',
  summary: 'Runs of the auditor, newest first',
  tag: 'admin',
  access: 'admin',
  query: z.strictObject({
    status: z.enum(RUN_STATUSES).optional(),
    limit: rowIdField.refine((limit) => limit <= 200, 'field_too_big').default(50),
    cursor: cursorQuery.optional(),
  }),
  replies: { 200: z.object({ runs: z.array(auditRunView), next_cursor: z.string().nullable() }) },
  errors: ['UNAVAILABLE'],
  handle: async ({ query }, backoffice) => success('REPORTS', await backoffice.ask('audit.runs', query)),
});

export const startAudit = defineRoute({
  method: 'POST',
  path: '/api/admin/reports/',
  operationId: 'startAudit',
  summary: 'Check all books now',
  tag: 'admin',
  access: 'admin',
  body: z
    .strictObject({ mode: z.enum(['incremental', 'full']).default('incremental') })
    .meta({ id: 'NewAudit', examples: [{ mode: 'full' }] }),
  replies: { 202: auditRunView },
  errors: ['RUN_IN_PROGRESS', 'UNAVAILABLE'],
  handle: async ({ principal, body }, backoffice) =>
    success('REPORT', await backoffice.ask('audit.run', { mode: body.mode, by: actorOf(principal) }), {
      status: 202,
    }),
});

const reportRoute = {
  method: 'GET',
  tag: 'admin',
  access: 'admin',
  query: formatQuery,
  replies: { 200: reportView },
  media: ['text/plain'],
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
} as const;

export const getLatestReport = defineRoute({
  ...reportRoute,
  path: '/api/admin/reports/latest/',
  operationId: 'getLatestReport',
  summary: 'The newest finished report: as JSON or text',
  handle: ({ query: { format } }, backoffice) => report(backoffice, null, format),
});

export const getReport = defineRoute({
  ...reportRoute,
  path: '/api/admin/reports/:id/',
  operationId: 'getReport',
  summary: 'One report: as JSON or text',
  params: z.object({ id: rowIdField }),
  handle: ({ params: { id }, query: { format } }, backoffice) => report(backoffice, id, format),
});

async function report(
  backoffice: Backoffice,
  runId: number | null,
  format: z.output<typeof formatQuery>['format'],
): Promise<Reply> {
  const found = await backoffice.ask('audit.report', { run_id: runId, format });
  if (!found) return failure('NOT_FOUND');
  const { run, findings, checkpoint, content_type, body } = found;
  if (body === null) return success('REPORT', { run, findings, checkpoint });
  return raw(200, { 'content-type': content_type }, body);
}
