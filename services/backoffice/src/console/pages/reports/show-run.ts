import type { AuditRun, CallResponse, Finding } from '@b2b-charge/contracts';
import { Refusal } from '@b2b-charge/http/errors';
import type { Backoffice } from '../../../backoffice.ts';
import type { Visit } from '../../http/page.ts';
import { type Html, html } from '../../parts/html.ts';
import { RUN_TONES } from '../../parts/run-tones.ts';
import type { Column } from '../../parts/table.ts';
import { badge, code } from '../../parts/values.ts';
import { type VendorNames, vendorLink } from '../../parts/vendor-names.ts';
import { texts } from './texts.ts';

export const PATH = '/admin/reports/';

export const runStatus = ({ locale }: Visit, { status }: AuditRun): Html =>
  badge(RUN_TONES[status], texts[locale][status]);

export const duration = ({ locale, formats }: Visit, { duration_ms }: AuditRun): string =>
  duration_ms === null ? '' : texts[locale].seconds(formats.amount((duration_ms / 1_000).toFixed(2)));

/** A kept audit with its findings. Throws Refusal: NOT_FOUND. */
export async function findReport(
  { ask }: Pick<Backoffice, 'ask'>,
  id: number,
): Promise<NonNullable<CallResponse<'audit.report'>>> {
  const found = await ask('audit.report', { run_id: id });
  if (!found) throw new Refusal('NOT_FOUND');
  return found;
}

export const isOpenMinor = ({ level, fixed, vendor_id }: Finding): boolean =>
  level === 'MINOR_DISCREPANCY' && !fixed && vendor_id !== null;

export const findingLevel = ({ locale }: Visit, { level, fixed }: Finding): Html =>
  html`${badge(level === 'CRITICAL' ? 'bad' : 'warn', texts[locale][level])}${fixed ? html` ${badge('good', texts[locale].fixed)}` : null}`;

export function findingColumns(visit: Visit, run: AuditRun, names: VendorNames): Column<Finding>[] {
  const t = texts[visit.locale];
  const number = (finding: Finding) => visit.formats.number(finding.number);
  return [
    {
      head: t.number,
      names: true,
      cell: (row) =>
        html`<a href="${PATH}${run.run_id}/finding/?number=${row.number}"><bdi>${number(row)}</bdi></a>`,
    },
    { head: t.level, cell: (row) => findingLevel(visit, row) },
    { head: t.check, cell: ({ check }) => code(check) },
    { head: t.vendor, cell: ({ vendor_id }) => (vendor_id === null ? t.all : vendorLink(names, vendor_id)) },
    { head: t.what, cell: ({ message }) => html`<bdi lang="en">${message}</bdi>` },
    { head: t.expected, numeric: true, cell: ({ expected }) => short(expected) },
    { head: t.found, numeric: true, cell: ({ found }) => short(found) },
  ];
}

const SHORT = 24;
const short = (text: string): Html => code(text.length > SHORT ? `${text.slice(0, SHORT)}…` : text);
