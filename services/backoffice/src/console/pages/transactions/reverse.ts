import { randomUUID } from 'node:crypto';
import { type ChainLink, formatMoney, minorOf, systemMessageId, type VendorId } from '@b2b-charge/contracts';
import { textField } from '@b2b-charge/http/fields';
import { callersTrace } from '@b2b-charge/http/tracing/callers-trace';
import { z } from 'zod';
import type { Backoffice } from '../../../backoffice.ts';
import { formKey } from '../../http/inputs.ts';
import { defineAct, definePage, type Problem, type Visit } from '../../http/page.ts';
import { posted } from '../../http/posted.ts';
import { redirect, type Shown, show } from '../../http/reply.ts';
import { operatorActor, operatorPrincipal } from '../../operators/operator.ts';
import { confirm } from '../../parts/confirm.ts';
import { field } from '../../parts/form.ts';
import { html } from '../../parts/html.ts';
import { transactionTexts } from '../../parts/transactions.ts';
import { amount, code, empty, time } from '../../parts/values.ts';
import { vendorLink, vendorNames } from '../../parts/vendor-names.ts';
import { texts } from './texts.ts';
import { byId, findLink, isReversible } from './transaction.ts';

const PATH = '/admin/transactions/:id/reverse/';

export const reversePage = definePage({
  id: 'reverse',
  path: PATH,
  access: ['admin'],
  params: byId,
  handle: (request, { backoffice }) => ask(request, backoffice, request.params.id, {}),
});

export const reverse = defineAct({
  id: 'reverse-act',
  path: PATH,
  access: ['admin'],
  params: byId,
  input: z.object({ key: formKey, reason: textField(200) }),
  trail: {
    act: 'transaction.reverse',
    target: ({ params }) => `transaction:${params.id}`,
    details: ({ input }) => ({ reason: input.reason }),
  },
  again: (request, problem, { backoffice }) =>
    ask(request, backoffice, request.params.id, request.input, problem),
  async handle({ params: { id }, input, operator, headers }, { backoffice }) {
    const { link } = await findLink(backoffice, id);
    const result = await backoffice.commands.send({
      vendorId: link.transaction.vendor_id as VendorId,
      // The same form sent twice is one command, and gets its one outcome.
      messageId: systemMessageId('reverse', input.key),
      command: { type: 'reverse', transaction_id: link.transaction.transaction_id, reason: input.reason },
      principal: operatorPrincipal(operator),
      traceparent: callersTrace(headers),
    });
    backoffice.securityLog.write(backoffice.now(), {
      event: 'REVERSAL',
      by: operatorActor(operator),
      transaction_id: link.transaction.transaction_id,
      reason: input.reason,
      result: result.kind,
    });
    const reversal = posted(result);
    return {
      ...redirect(`/admin/transactions/${reversal.transaction_id}/`, 'reversed'),
      noted: { reversal: reversal.transaction_id },
    };
  },
});

async function ask(
  visit: Visit,
  backoffice: Backoffice,
  id: string,
  values: Readonly<Record<string, unknown>>,
  problem?: Problem,
): Promise<Shown> {
  const t = texts[visit.locale];
  const { link } = await findLink(backoffice, id);
  if (!isReversible(link)) return notPossible(visit, link);
  const { transaction: charge } = link;
  const vendor = await backoffice.ask('ledger.query.vendor', { vendor_id: charge.vendor_id });
  const names = await vendorNames(backoffice, [charge.vendor_id]);
  const money = (decimal: string) => `${visit.formats.amount(decimal)} ${visit.formats.currency}`;
  const labels = transactionTexts[visit.locale];
  const key = typeof values.key === 'string' ? values.key : randomUUID();
  const then = vendor && formatMoney(minorOf(vendor.balance) + minorOf(charge.amount));
  return confirm(visit, {
    title: t.reverseTitle,
    under: 'transactions',
    about: [
      [labels.vendor, vendorLink(names, charge.vendor_id)],
      [t.amountOnly, amount(visit, charge.amount)],
      [labels.phone, code(charge.phone_number ?? '')],
      [labels.at, time(visit, charge.created_at)],
    ],
    says: [
      t.willGive(money(charge.amount), vendor?.name ?? String(charge.vendor_id)),
      ...(vendor && then ? [t.willBe(money(vendor.balance), money(then))] : []),
      t.staysThere,
      t.once,
    ],
    action: `/admin/transactions/${charge.transaction_id}/reverse/`,
    submit: t.submit(money(charge.amount)),
    cancel: `/admin/transactions/${charge.transaction_id}/`,
    problem: problem ?? null,
    fields: html`<input type="hidden" name="key" value="${key}">
      ${field({ name: 'reason', label: t.reasonLabel, hint: t.reasonHint, value: values.reason, required: true, maxLength: 200, rows: 2, problem, autofocus: true })}`,
  });
}

function notPossible(visit: Visit, { transaction, reversed_by }: ChainLink): Shown {
  const t = texts[visit.locale];
  const back = reversed_by ?? transaction.transaction_id;
  const link = html`<a class="button" href="/admin/transactions/${back}/">${reversed_by ? t.seeReversal : t.back}</a>`;
  return show(t.reverseTitle, empty(reversed_by ? t.alreadyReversed : t.notReversible, link), {
    under: 'transactions',
    status: 409,
  });
}
