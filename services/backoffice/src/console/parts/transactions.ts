import {
  minorOf,
  REJECTIONS,
  TRANSACTION_TYPES,
  type TransactionType,
  type TransactionView,
} from '@b2b-charge/contracts';
import { message } from '@b2b-charge/http/messages/index';
import type { Visit } from '../http/page.ts';
import { defineTexts } from '../texts.ts';
import { html } from './html.ts';
import type { Column } from './table.ts';
import { badge, code, figure, time } from './values.ts';

export const transactionTexts = defineTexts({
  en: {
    id: 'Transaction',
    at: 'When',
    vendor: 'Vendor',
    type: 'Type',
    status: 'Status',
    amount: (currency: string) => `Amount (${currency})`,
    balance: (currency: string) => `Balance after (${currency})`,
    phone: 'Phone number',
    key: 'Key',
    source: 'From',
    approved: 'posted',
    rejected: 'rejected',
    charge: 'Charge',
    credit: 'Credit',
    reversal: 'Reversal',
    rebuild: 'Rebuild',
    openVendor: 'Opened',
    updateVendor: 'Changed',
    all: 'All',
  },
  fa: {
    id: 'تراکنش',
    at: 'زمان',
    vendor: 'فروشنده',
    type: 'نوع',
    status: 'وضعیت',
    amount: (currency: string) => `مبلغ (${currency})`,
    balance: (currency: string) => `ماندهٔ پس از آن (${currency})`,
    phone: 'شمارهٔ تلفن',
    key: 'کلید',
    source: 'از',
    approved: 'ثبت‌شده',
    rejected: 'ردشده',
    charge: 'شارژ',
    credit: 'افزایش اعتبار',
    reversal: 'برگشت',
    rebuild: 'بازسازی',
    openVendor: 'گشایش',
    updateVendor: 'تغییر',
    all: 'همه',
  },
});

const TYPE_TEXTS = {
  charge: 'charge',
  credit: 'credit',
  reversal: 'reversal',
  rebuild: 'rebuild',
  'open-vendor': 'openVendor',
  'update-vendor': 'updateVendor',
} as const satisfies Record<TransactionType, string>;

export const typeName = ({ locale }: Visit, type: TransactionType): string =>
  transactionTexts[locale][TYPE_TEXTS[type]];

/** For a select of types, with "all" first. */
export const typeChoices = (visit: Visit): (readonly [string, string])[] => [
  ['', transactionTexts[visit.locale].all],
  ...TRANSACTION_TYPES.map((type) => [type, typeName(visit, type)] as const),
];

export const statusChoices = ({ locale }: Visit): (readonly [string, string])[] => [
  ['', transactionTexts[locale].all],
  ['posted', transactionTexts[locale].approved],
  ['rejected', transactionTexts[locale].rejected],
];

/** Posted, or why not. */
export const statusBadge = (
  { locale }: Visit,
  { status, reason }: Pick<TransactionView, 'status' | 'reason'>,
) =>
  status === 'posted'
    ? badge('good', transactionTexts[locale].approved)
    : html`${badge('bad', transactionTexts[locale].rejected)}${
        reason && REJECTIONS.includes(reason) ? html` <small>${message(locale, reason)}</small>` : null
      }`;

/** Columns of a list of transactions; a page adds or leaves out what it knows already. */
export function transactionColumns(
  visit: Visit,
): Record<
  'at' | 'type' | 'amount' | 'balance' | 'phone' | 'status' | 'key' | 'vendor',
  Column<TransactionView>
> {
  const t = transactionTexts[visit.locale];
  const { currency } = visit.formats;
  const effect = ({ balance_before, balance_after }: TransactionView) =>
    minorOf(balance_after) - minorOf(balance_before);
  const sign = (row: TransactionView) => (effect(row) < 0n ? '−' : '+');
  const moves = (row: TransactionView) => effect(row) !== 0n;
  return {
    at: { head: t.at, names: true, cell: (row) => time(visit, row.created_at) },
    type: {
      head: t.type,
      cell: (row) =>
        html`<a href="/admin/transactions/${row.transaction_id}/">${typeName(visit, row.type)}</a>`,
    },
    amount: {
      head: t.amount(currency),
      numeric: true,
      cell: (row) =>
        html`<bdi class="figure" dir="ltr">${moves(row) ? sign(row) : null}${visit.formats.amount(row.amount)}</bdi>`,
    },
    balance: { head: t.balance(currency), numeric: true, cell: (row) => figure(visit, row.balance_after) },
    phone: { head: t.phone, cell: (row) => (row.phone_number === null ? null : code(row.phone_number)) },
    status: { head: t.status, cell: (row) => statusBadge(visit, row) },
    key: { head: t.key, cell: (row) => html`<span class="clip">${code(row.message_id)}</span>` },
    vendor: {
      head: t.vendor,
      cell: (row) => html`<a href="/admin/vendors/${row.vendor_id}/">${row.vendor_id}</a>`,
    },
  };
}
