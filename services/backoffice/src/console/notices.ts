import { defineTexts } from './texts.ts';

/** What a page says at its top after an act sent the browser there: `redirect('/admin/…', 'signed_out')`. */
export const notices = defineTexts({
  en: {
    signed_out: 'You have signed out.',
    credits_approved: 'Approved. The credit is on its way to the balance.',
    credits_approved_first: 'Approved. A second person must approve, too.',
    credits_rejected: 'Rejected.',
    resubmitted: 'Sent again. Its outcome is among the transactions, under its key.',
    webhooks_replayed: 'They are tried again.',
    audit_started: 'The audit has begun.',
    reversed: 'Given back. This is the reversal.',
    vendor_opened: 'The vendor is open. Issue a token, so that it can sell.',
    vendor_changed: 'The settings are saved.',
    vendor_suspended: 'The vendor is suspended: its sales are refused.',
    vendor_activated: 'The vendor may sell again.',
    token_revoked: 'The token is revoked.',
  },
  fa: {
    signed_out: 'از سامانه خارج شدید.',
    credits_approved: 'تأیید شد. اعتبار در راه موجودی است.',
    credits_approved_first: 'تأیید شد. نفر دوم هم باید تأیید کند.',
    credits_rejected: 'رد شد.',
    resubmitted: 'دوباره فرستاده شد. نتیجهٔ آن با کلیدش در تراکنش‌هاست.',
    webhooks_replayed: 'دوباره تلاش می‌شوند.',
    audit_started: 'حسابرسی آغاز شد.',
    reversed: 'برگردانده شد. این همان برگشت است.',
    vendor_opened: 'فروشنده ایجاد شد. برای آن‌که بفروشد توکنی صادر کنید.',
    vendor_changed: 'تنظیمات ذخیره شد.',
    vendor_suspended: 'فروشنده غیرفعال است و فروش‌های آن رد می‌شود.',
    vendor_activated: 'فروشنده دوباره می‌تواند بفروشد.',
    token_revoked: 'توکن باطل شد.',
  },
});

export type Notice = keyof (typeof notices)['en'];

export const isNotice = (text: string): text is Notice => Object.hasOwn(notices.en, text);
