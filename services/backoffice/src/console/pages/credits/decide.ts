import type { CreditRequest } from '@b2b-charge/contracts';
import { codeOfCallError } from '@b2b-charge/http/errors';
import { rowIdField, textField } from '@b2b-charge/http/fields';
import { message } from '@b2b-charge/http/messages/index';
import { callersTrace } from '@b2b-charge/http/tracing/callers-trace';
import { z } from 'zod';
import type { Desk } from '../../desk.ts';
import { boxesInput } from '../../http/inputs.ts';
import { defineAct, definePage, type PageRequest, type Problem } from '../../http/page.ts';
import { type ConsoleReply, redirect, show } from '../../http/reply.ts';
import { operatorActor, operatorPrincipal, type Role } from '../../operators/operator.ts';
import { confirm } from '../../parts/confirm.ts';
import { field } from '../../parts/form.ts';
import { type Html, html } from '../../parts/html.ts';
import { table } from '../../parts/table.ts';
import { empty, figure } from '../../parts/values.ts';
import { type VendorNames, vendorLink, vendorNames } from '../../parts/vendor-names.ts';
import { completes, hindrance, PATH, totalOf } from './show-credit.ts';
import { texts } from './texts.ts';

type Decision = 'approve' | 'reject';
type Asked = PageRequest<readonly Role[], unknown, unknown>;

const ACCESS = ['admin', 'approver'] as const;
const idList = boxesInput(rowIdField);

/** Pages that say what a decision on one or many requests will do, and the acts that do it. */
export const decidePages = (['approve', 'reject'] as const).flatMap((decision) => [
  definePage({
    id: `credits-${decision}`,
    path: `${PATH}${decision}/`,
    access: ACCESS,
    input: z.object({ id: idList.optional() }),
    handle: (request, desk) => ask(request, desk, decision, request.input.id ?? []),
  }),
  defineAct({
    id: `credits-${decision}-act`,
    path: `${PATH}${decision}/`,
    access: ACCESS,
    input: z
      .object({ id: idList, reason: textField(200).optional() })
      .refine(({ reason }) => decision === 'approve' || reason !== undefined, {
        path: ['reason'],
        message: 'field_required',
      }),
    trail: {
      act: `credit.${decision}`,
      target: ({ input }) => `credit:${input.id.join(',')}`.slice(0, 200),
      details: ({ input }) => (input.reason === undefined ? {} : { reason: input.reason }),
    },
    again: (request, problem, desk) =>
      ask(request, desk, decision, idList.safeParse(request.input.id).data ?? [], problem),
    handle: (request, desk) => decide(request, desk, decision, request.input),
  }),
]);

async function read({ backoffice }: Desk, ids: readonly number[]): Promise<[CreditRequest[], VendorNames]> {
  const { requests } = await backoffice.ask('credits.list', {
    ids: [...ids],
    limit: ids.length,
    oldest_first: true,
  });
  const vendors = requests.map(({ vendor_id }) => vendor_id);
  return [requests, await vendorNames(backoffice, vendors)];
}

async function ask(
  visit: Asked,
  desk: Desk,
  decision: Decision,
  ids: readonly number[],
  problem?: Problem,
): Promise<ConsoleReply> {
  const t = texts[visit.locale];
  const title = decision === 'approve' ? t.approveTitle : t.rejectTitle;
  const back = html`<a class="button" href="${PATH}">${t.back}</a>`;
  const nothing = () => show(title, empty(t.nothingSelected, back), { under: 'credits' });
  if (ids.length === 0) return nothing();
  const [requests, names] = await read(desk, ids);
  if (requests.length === 0) return nothing();
  const effect = (request: CreditRequest) => effectOf(visit, decision, request);
  const able = requests.filter((request) => effect(request).does);
  const list = table(visit, {
    caption: title,
    rows: requests,
    columns: [
      { head: t.number, names: true, cell: ({ id }) => html`<a href="${PATH}${id}/"><bdi>${id}</bdi></a>` },
      { head: t.vendor, cell: ({ vendor_id }) => vendorLink(names, vendor_id) },
      { head: t.amount(visit.formats.currency), numeric: true, cell: ({ amount }) => figure(visit, amount) },
      { head: t.effect, cell: (request) => effect(request).text },
    ],
  });
  if (able.length === 0) return show(title, html`${list}${empty(back)}`, { under: 'credits' });
  const count = visit.formats.number(able.length);
  return confirm(visit, {
    title,
    under: 'credits',
    says: saysOf(visit, decision, requests, able),
    action: `${PATH}${decision}/`,
    submit: decision === 'approve' ? t.approveSubmit(count) : t.rejectSubmit(count),
    danger: decision === 'reject',
    cancel: PATH,
    problem: problem ?? null,
    fields: html`${list}${able.map(({ id }) => html`<input type="hidden" name="id" value="${id}">`)}
      ${decision === 'reject' ? field({ name: 'reason', label: t.reason, hint: t.reasonHint, required: true, maxLength: 200, rows: 2, problem, autofocus: true }) : null}`,
  });
}

function effectOf(
  { locale, operator }: Asked,
  decision: Decision,
  request: CreditRequest,
): { does: boolean; text: string } {
  const t = texts[locale];
  const hindered = hindrance(request, operator);
  if (hindered === 'gone') return { does: false, text: t.gone };
  if (decision === 'reject') return { does: true, text: t.rejects };
  if (hindered !== null) return { does: false, text: t[hindered] };
  return { does: true, text: completes(request) ? t.posts : t.waits };
}

function saysOf(
  { locale, formats }: Asked,
  decision: Decision,
  requests: readonly CreditRequest[],
  able: readonly CreditRequest[],
): string[] {
  const t = texts[locale];
  const told = (sentence: (count: string, total: string) => string, some: readonly CreditRequest[]) =>
    some.length === 0
      ? []
      : [sentence(formats.number(some.length), `${formats.amount(totalOf(some))} ${formats.currency}`)];
  const stay = requests.length - able.length;
  return [
    ...(decision === 'approve'
      ? [
          ...told(t.willPost, able.filter(completes)),
          ...told(
            t.willWait,
            able.filter((one) => !completes(one)),
          ),
        ]
      : told(t.willReject, able)),
    ...(stay > 0 ? [t.left(formats.number(stay))] : []),
    t.notUndone,
  ];
}

async function decide(
  visit: Asked & Pick<PageRequest<readonly Role[], unknown, unknown>, 'address'>,
  desk: Desk,
  decision: Decision,
  { id, reason }: { id: number[]; reason?: string | undefined },
): Promise<ConsoleReply> {
  const t = texts[visit.locale];
  const { results } = await desk.backoffice.ask(
    'credits.decide-many',
    {
      ids: id,
      decision,
      by: operatorActor(visit.operator),
      principal: operatorPrincipal(visit.operator),
      reason: decision === 'reject' ? reason : null,
      origin: `${visit.address} ${visit.requestId}`,
    },
    { traceparent: callersTrace(visit.headers) },
  );
  const refused = results.filter(({ error }) => error !== null);
  const noted = {
    decided: results.length - refused.length,
    ...(refused.length > 0
      ? { refused: refused.map((one) => `${one.id} ${one.error!.code}`).join(', ') }
      : {}),
  };
  if (refused.length === 0) {
    const waits = results.every(({ request }) => request?.status === 'pending');
    const notice =
      decision === 'reject' ? 'credits_rejected' : waits ? 'credits_approved_first' : 'credits_approved';
    return { ...redirect(PATH, notice), noted };
  }
  const list = table(visit, {
    caption: t.results,
    rows: results,
    columns: [
      {
        head: t.number,
        names: true,
        cell: (row) => html`<a href="${PATH}${row.id}/"><bdi>${row.id}</bdi></a>`,
      },
      {
        head: t.result,
        cell: ({ request, error }): Html | string =>
          error ? message(visit.locale, codeOfCallError(error.code)) : t[request!.status],
      },
    ],
  });
  const back = html`<p class="actions"><a class="button" href="${PATH}">${t.back}</a></p>`;
  return { ...show(t.results, html`${list}${back}`, { under: 'credits' }), noted };
}
