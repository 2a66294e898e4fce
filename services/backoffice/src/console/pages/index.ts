import { assetPages } from '../assets.ts';
import type { Page } from '../http/page.ts';
import { credit } from './credits/credit.ts';
import { credits } from './credits/credits.ts';
import { decidePages } from './credits/decide.ts';
import { deadLetter } from './dead-letters/dead-letter.ts';
import { deadLetters } from './dead-letters/dead-letters.ts';
import { resubmit, resubmitPage } from './dead-letters/resubmit.ts';
import { feed, feedEvents } from './feed/feed.ts';
import { home } from './home/home.ts';
import { finding } from './reports/finding.ts';
import { fix, fixPage } from './reports/fix.ts';
import { newAudit, startAudit } from './reports/new-audit.ts';
import { report, reportText } from './reports/report.ts';
import { reports } from './reports/reports.ts';
import { preferences } from './sign-in/preferences.ts';
import { signIn, signInPage, signOut } from './sign-in/sign-in.ts';
import { trail } from './trail/trail.ts';
import { reverse, reversePage } from './transactions/reverse.ts';
import { receipt, transaction } from './transactions/transaction.ts';
import { transactions, transactionsCsv } from './transactions/transactions.ts';
import { revoke, revokePage } from './vendor/revoke-token.ts';
import { saveSettings, settingsPage } from './vendor/settings.ts';
import { activate, activatePage, suspend, suspendPage } from './vendor/suspend.ts';
import { issueToken, tokensPage } from './vendor/tokens.ts';
import { vendorTransactionsCsv } from './vendor/transactions.ts';
import { vendor } from './vendor/vendor.ts';
import { verification } from './vendor/verification.ts';
import { newVendor, openVendorAct } from './vendors/new-vendor.ts';
import { vendors } from './vendors/vendors.ts';
import { replay, replayPage } from './webhooks/replay.ts';
import { webhooks } from './webhooks/webhooks.ts';

/** Every page and act of the console. The tests of all routes go over this list. */
export const pages: readonly Page[] = [
  ...assetPages,
  ...[signInPage, signIn, signOut, preferences],
  home,
  ...[vendors, newVendor, openVendorAct],
  ...[vendor, vendorTransactionsCsv, verification],
  ...[settingsPage, saveSettings, suspendPage, suspend, activatePage, activate],
  ...[tokensPage, issueToken, revokePage, revoke],
  credits,
  credit,
  ...decidePages,
  ...[feed, feedEvents],
  ...[deadLetters, deadLetter, resubmitPage, resubmit],
  ...[webhooks, replayPage, replay],
  ...[reports, report, reportText, finding, newAudit, startAudit, fixPage, fix],
  ...[transactions, transactionsCsv, transaction, receipt, reversePage, reverse],
  trail,
];
