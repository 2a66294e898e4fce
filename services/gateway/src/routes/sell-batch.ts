import type { MessageId } from '@b2b-charge/contracts';
import { errorOf } from '@b2b-charge/http/envelope';
import { ERROR_CODES, Refusal, statusOf } from '@b2b-charge/http/errors';
import type { Fields } from '@b2b-charge/http/fields';
import { idempotencyKey } from '@b2b-charge/http/idempotency-key';
import { failure, type Reply, success } from '@b2b-charge/http/reply';
import type { RouteRequest } from '@b2b-charge/http/route';
import { principalOf } from '@b2b-charge/http/tokens/principal';
import { callersTrace } from '@b2b-charge/http/tracing/callers-trace';
import { chargeView } from '@b2b-charge/http/views';
import { z } from 'zod';
import type { Gateway } from '../gateway.ts';
import { replyToSale } from './charge-reply.ts';
import { defineRoute } from './define-route.ts';
import { messageIdOf, pendingView, recordSale, refuseKeyless, saleBody } from './sell-charge.ts';

const MAX_ITEMS = 1_000;
/** Room for ":999" behind the key of the whole batch. */
const MAX_BATCH_KEY = 251;

const errorView = z
  .object({
    code: z.enum(ERROR_CODES),
    message: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
    request_id: z.string(),
  })
  .meta({ id: 'Problem' });

const batchView = z
  .object({
    total: z.int(),
    sold: z.int(),
    pending: z.int(),
    failed: z.int(),
    results: z.array(
      z.object({
        index: z.int(),
        /** The status that the sale would have had by itself. */
        status: z.int(),
        success: z.boolean(),
        replayed: z.boolean(),
        data: z.union([chargeView, pendingView]).nullable(),
        error: errorView.nullable(),
      }),
    ),
  })
  .meta({ id: 'BatchResult' });

type Result = z.output<typeof batchView>['results'][number];
type Sale = z.output<ReturnType<typeof saleBody>>;

export const sellBatch = (fields: Fields) =>
  defineRoute({
    method: 'POST',
    path: '/api/charges/sell/batch/',
    operationId: 'sellBatch',
    summary: 'Sell up to 1,000 charges, each with its own key and outcome',
    tag: 'charges',
    access: 'vendor',
    takesKey: true,
    body: z.strictObject({ items: z.array(saleBody(fields)).min(1).max(MAX_ITEMS) }).meta({
      id: 'Batch',
      examples: [
        {
          items: [
            { phone_number: '+989123456789', amount: 20_000, idempotency_key: 'order-1-a' },
            { phone_number: '09351234567', amount: '10000.50', idempotency_key: 'order-1-b' },
          ],
        },
      ],
    }),
    replies: { 200: batchView },
    errors: ['IDEMPOTENCY_KEY_REQUIRED'],
    cost: (body) => body.items.length,
    async handle(request, gateway) {
      const { headers, locale, requestId } = request;
      const batchKey = idempotencyKey(headers, null, locale);
      if (batchKey !== null && batchKey.length > MAX_BATCH_KEY) {
        throw new Refusal('VALIDATION_ERROR', {
          details: { fields: [{ field: 'Idempotency-Key', message: `at most ${MAX_BATCH_KEY} characters` }] },
        });
      }
      const results = await Promise.all(
        request.body.items.map(async (item, index): Promise<Result> => {
          const reply = await sellItem(request, gateway, item, keyOf(item, index, batchKey));
          return { index, ...resultOf(reply, (refused) => errorOf(refused, locale, requestId)) };
        }),
      );
      const count = (test: (result: Result) => boolean) => results.filter(test).length;
      return success('BATCH_SOLD', {
        total: results.length,
        sold: count(({ status }) => status === 200),
        pending: count(({ status }) => status === 202),
        failed: count(({ success }) => !success),
        results,
      });
    },
  });

/** An item without a key of its own has the batch's and its place: so a repeated batch repeats every item. */
function keyOf(item: Sale, index: number, batchKey: MessageId | null): MessageId | null {
  if (item.idempotency_key) return item.idempotency_key as MessageId;
  return batchKey === null ? null : (`${batchKey}:${index}` as MessageId);
}

/** A fault of one item is that item's answer. */
async function sellItem(
  {
    principal,
    headers,
    requestId,
  }: Pick<RouteRequest<'vendor', unknown, unknown, unknown>, 'principal' | 'headers' | 'requestId'>,
  gateway: Gateway,
  item: Sale,
  key: MessageId | null,
): Promise<Reply> {
  try {
    if (key === null) refuseKeyless(principal, gateway);
    const result = await gateway.charges.sell({
      vendorId: principal.vendorId,
      phoneNumber: item.phone_number,
      amount: item.amount,
      reference: item.reference ?? undefined,
      metadata: item.metadata ?? undefined,
      key,
      principal: principalOf(principal),
      traceparent: callersTrace(headers),
    });
    recordSale(gateway, principal, { ...item, requestId }, result);
    return replyToSale(result, key ?? messageIdOf(result));
  } catch (error) {
    if (error instanceof Refusal) return failure(error.code, { details: error.details });
    gateway.log.error({ err: error, operation: 'sellBatch', requestId }, 'fault');
    return failure('INTERNAL');
  }
}

function resultOf(
  reply: Reply,
  show: (refused: Extract<Reply, { kind: 'failure' }>) => z.output<typeof errorView>,
): Omit<Result, 'index'> {
  const replayed = reply.headers?.['idempotent-replayed'] === 'true';
  if (reply.kind === 'success') {
    return { status: reply.status, success: true, replayed, data: reply.data as Result['data'], error: null };
  }
  const refused = reply.kind === 'failure' ? reply : failure('INTERNAL');
  return { status: statusOf(refused.code), success: false, replayed, data: null, error: show(refused) };
}
