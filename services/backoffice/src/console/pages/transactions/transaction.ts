import { type ChainLink, parseTransactionId } from '@b2b-charge/contracts';
import { Refusal } from '@b2b-charge/http/errors';
import { transactionIdField } from '@b2b-charge/http/fields';
import { raw } from '@b2b-charge/http/reply';
import { z } from 'zod';
import type { Backoffice } from '../../../backoffice.ts';
import { definePage, type Visit } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import type { Operator } from '../../operators/operator.ts';
import { chainTable } from '../../parts/chain-table.ts';
import { type Content, type Html, html } from '../../parts/html.ts';
import { statusBadge, transactionTexts, typeName } from '../../parts/transactions.ts';
import { amount, code, facts, section, time } from '../../parts/values.ts';
import { vendorLink, vendorNames } from '../../parts/vendor-names.ts';
import { texts } from './texts.ts';

const AROUND = 3;
const PATH = '/admin/transactions/';
export const byId = z.object({ id: transactionIdField });

/** A transaction's link and those around it. Throws Refusal: NOT_FOUND. */
export async function findLink(
  { ask }: Pick<Backoffice, 'ask'>,
  id: string,
  around = 0,
): Promise<{ link: ChainLink; links: ChainLink[] }> {
  const place = parseTransactionId(id);
  if (!place) throw new Refusal('NOT_FOUND');
  const { links } = await ask('ledger.query.chain', { vendor_id: place.vendorId, seq: place.seq, around });
  const link = links.find(({ transaction }) => transaction.transaction_id === place.id);
  if (!link) throw new Refusal('NOT_FOUND');
  return { link, links };
}

export const isReversible = ({ transaction, reversed_by }: ChainLink): boolean =>
  transaction.type === 'charge' && transaction.status === 'posted' && reversed_by === null;

export const transaction = definePage({
  id: 'transaction',
  path: '/admin/transactions/:id/',
  access: ['admin', 'approver', 'auditor'],
  params: byId,
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { formats } = request;
    const { link, links } = await findLink(backoffice, request.params.id, AROUND);
    const found = link.transaction;
    const names = await vendorNames(backoffice, [found.vendor_id]);
    const body = html`
      <div class="card">${facts(factsOf(request, link, vendorLink(names, found.vendor_id)))}</div>
      ${section(t.proof, html`<div class="lines">${facts(proofOf(request, link))}</div>`)}
      ${section(t.around, chainTable(request, { caption: t.aroundCaption, links, current: found.seq }))}`;
    const money = `${formats.amount(found.amount)} ${formats.currency}`;
    return show(t.one(typeName(request, found.type), money), body, {
      under: 'transactions',
      tools: toolsOf(request, request.operator, link),
    });
  },
});

/** Signed, for whoever wants to check it without us. */
export const receipt = definePage({
  id: 'transaction-receipt',
  path: '/admin/transactions/:id/receipt.json',
  access: ['admin', 'approver', 'auditor'],
  params: byId,
  async handle({ params: { id } }, { backoffice }) {
    const found = await backoffice.ask('audit.receipt', { transaction_id: id });
    if (!found) throw new Refusal('NOT_FOUND');
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': `attachment; filename="receipt-${id}.json"`,
    };
    return raw(200, headers, `${JSON.stringify(found, null, 2)}\n`);
  },
});

function factsOf(visit: Visit, { transaction: found, reversed_by }: ChainLink, vendor: Html) {
  const t = texts[visit.locale];
  const names = transactionTexts[visit.locale];
  const rows: (readonly [string, Content] | null)[] = [
    [names.vendor, vendor],
    [names.type, typeName(visit, found.type)],
    [names.status, statusBadge(visit, found)],
    [t.amountOnly, amount(visit, found.amount)],
    found.phone_number === null ? null : [names.phone, code(found.phone_number)],
    found.phone_erased ? [names.phone, t.erased] : null,
    [names.at, time(visit, found.created_at)],
    [t.before, amount(visit, found.balance_before)],
    [t.after, amount(visit, found.balance_after)],
    [t.seq, visit.formats.number(found.seq)],
    [names.source, code(found.source)],
    [names.key, code(found.message_id)],
    [names.id, code(found.transaction_id)],
    [t.principal, code(found.principal)],
    found.reference === null ? null : [t.reference, code(found.reference)],
    found.metadata === null ? null : [t.metadata, pairsOf(found.metadata)],
    linkTo(t.reversalOf, found.resolves),
    linkTo(t.reversedBy, reversed_by),
    found.details === null ? null : [t.details, pairsOf(found.details)],
  ];
  return rows.filter((row) => row !== null);
}

const linkTo = (label: string, id: string | null): readonly [string, Content] | null =>
  id === null ? null : [label, html`<a href="${PATH}${id}/">${code(id)}</a>`];

const pairsOf = (pairs: Readonly<Record<string, unknown>>): Html[] =>
  Object.entries(pairs).map(([name, value]) => html`${name}: <bdi>${String(value)}</bdi> `);

function proofOf(visit: Visit, link: ChainLink): (readonly [string, Content])[] {
  const t = texts[visit.locale];
  const { number } = visit.formats;
  return [
    [t.place, html`<bdi>${t.placeOf(number(link.stream_seq), number(link.stream_epoch))}</bdi>`],
    [t.lane, number(link.lane)],
    [t.fingerprint, code(link.fingerprint)],
    [t.hash, code(link.hash)],
    [t.previousHash, code(link.previous_hash)],
  ];
}

function toolsOf(visit: Visit, { role }: Operator, link: ChainLink): Html {
  const t = texts[visit.locale];
  const { transaction_id: id } = link.transaction;
  const reverse =
    role === 'admin' && isReversible(link)
      ? html`<a class="button danger" href="${PATH}${id}/reverse/">${t.reverse}</a>`
      : null;
  return html`<a class="button" href="${PATH}${id}/receipt.json">${t.receipt}</a> ${reverse}`;
}
