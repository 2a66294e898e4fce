import type { Finding, LEVELS } from '@b2b-charge/contracts';
import { Refusal } from '@b2b-charge/http/errors';
import { flagQuery, vendorIdField } from '@b2b-charge/http/fields';
import { z } from 'zod';
import { definePage } from '../../http/page.ts';
import { show } from '../../http/reply.ts';
import { html } from '../../parts/html.ts';
import { table } from '../../parts/table.ts';
import { amount, badge, facts, section, type Tone, time } from '../../parts/values.ts';
import { texts } from './texts.ts';

const TONES: Record<(typeof LEVELS)[number], Tone> = {
  VERIFIED: 'good',
  MINOR_DISCREPANCY: 'warn',
  CRITICAL: 'bad',
};

/** A vendor's books, checked by the auditor as the page is opened. */
export const verification = definePage({
  id: 'vendor-verification',
  path: '/admin/vendors/:id/verification/',
  access: ['admin', 'approver', 'auditor'],
  params: z.object({ id: vendorIdField }),
  input: z.object({ full: flagQuery.optional() }),
  async handle(request, { backoffice }) {
    const t = texts[request.locale];
    const { formats } = request;
    const { id } = request.params;
    const verified = await backoffice.ask('audit.verify', {
      vendor_id: id,
      full: request.input.full ?? false,
    });
    if (!verified) throw new Refusal('NOT_FOUND');
    const about = facts([
      [t.level, badge(TONES[verified.level], t[verified.level])],
      [t.stored, amount(request, verified.balance)],
      [t.calculated, amount(request, verified.calculated_balance)],
      [t.discrepancy, amount(request, verified.discrepancy)],
      [t.checked, formats.number(verified.transactions_checked)],
      [t.checkedAt, time(request, verified.checked_at)],
    ]);
    const findings = table<Finding>(request, {
      caption: t.findingsCaption,
      rows: verified.findings,
      columns: [
        { head: t.check, names: true, cell: (row) => row.check },
        { head: t.level, cell: (row) => badge(TONES[row.level], t[row.level]) },
        { head: t.found, cell: (row) => html`<bdi>${row.message}</bdi>` },
        { head: t.advice, cell: (row) => html`<bdi>${row.advice}</bdi>` },
      ],
    });
    const body = html`<div class="card">${about}</div>
      ${verified.findings.length > 0 ? section(t.findingsCaption, findings) : null}`;
    const tools = html`<a class="button" href="/admin/vendors/${id}/">${t.back}</a>
      <a class="button" href="/admin/vendors/${id}/verification/?full=true">${t.whole}</a>`;
    return show(t.verifiedTitle(verified.name), body, { under: 'vendors', tools });
  },
});
