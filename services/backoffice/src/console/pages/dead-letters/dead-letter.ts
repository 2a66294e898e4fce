import type { DeadLetter } from '@b2b-charge/contracts';
import { definePage, type Visit } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { type Content, type Html, html } from '../../parts/html.ts';
import { table } from '../../parts/table.ts';
import { code, facts, section, time } from '../../parts/values.ts';
import { vendorLink, vendorNames } from '../../parts/vendor-names.ts';
import { addressOf, byId, findLetter, headerValue, letterState, PATH, payloadBox } from './show-letter.ts';
import { texts } from './texts.ts';

export const deadLetter = definePage({
  id: 'dead-letter',
  path: '/admin/dead-letters/:id/',
  access: ['admin', 'approver', 'auditor'],
  params: byId,
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const letter = await findLetter(backoffice, request.params.id);
    const { vendor } = addressOf(letter);
    const names = await vendorNames(backoffice, vendor === null ? [] : [vendor]);
    const link =
      vendor === null ? null : names.has(vendor) ? vendorLink(names, vendor) : html`<bdi>${vendor}</bdi>`;
    const headers = table(request, {
      caption: t.headers,
      rows: Object.entries(letter.headers),
      columns: [
        { head: t.name, names: true, cell: ([name]) => code(name) },
        { head: t.value, cell: ([name, value]) => code(headerValue(name, value)) },
      ],
    });
    const body = html`
      <div class="card"><p class="lead" lang="en"><bdi>${letter.detail}</bdi></p>${facts(factsOf(request, letter, link))}</div>
      ${section(t.payload, payloadBox(request, letter.payload_base64))}
      ${section(t.headers, headers)}`;
    const resend = html`<a class="button danger" href="${PATH}${letter.id}/resubmit/">${t.resubmit}</a>`;
    return show(t.one(letter.id), body, {
      under: 'dead-letters',
      tools: request.operator.role === 'admin' ? resend : null,
    });
  },
});

function factsOf(visit: Visit, letter: DeadLetter, vendor: Html | null): (readonly [string, Content])[] {
  const t = texts[visit.locale];
  const { source, vendor: id } = addressOf(letter);
  const known: (readonly [string, Content] | null)[] = [
    [t.state, letterState(visit, letter)],
    [t.reason, t[letter.reason]],
    [t.at, time(visit, letter.created_at)],
    vendor && [t.vendor, vendor],
    [t.source, code(source)],
    letter.message_id === null ? null : [t.key, code(letter.message_id)],
    [t.subject, code(letter.subject)],
    letter.resubmitted_as === null ? null : [t.sentAs, sentAs(visit, letter.resubmitted_as, id)],
  ];
  return known.filter((row) => row !== null);
}

function sentAs({ locale }: Visit, key: string, vendor: number | null): Html {
  if (vendor === null) return code(key);
  const query = new URLSearchParams({ vendor: String(vendor), key }).toString();
  return html`${code(key)} <a href="/admin/transactions/?${query}">${texts[locale].look}</a>`;
}
