import { createStartOfDay } from '@b2b-charge/http/business-time';
import { docsRoutes } from '@b2b-charge/http/docs';
import { createFields } from '@b2b-charge/http/fields';
import { createPhoneParser } from '@b2b-charge/http/phones/phone-parser';
import type { Route } from '@b2b-charge/http/route';
import type { Backoffice } from '../backoffice.ts';
import type { BackofficeConfig } from '../config.ts';
import { getAdminCheckpoint } from './checkpoint.ts';
import { createVendor } from './create-vendor.ts';
import {
  approveCredit,
  decideCredits,
  getCreditTrail,
  listAllCredits,
  rejectCredit,
  setCreditLimit,
} from './credits.ts';
import { listDeadLetters, resubmitDeadLetter } from './dead-letters.ts';
import { getVendor, listVendors } from './list-vendors.ts';
import { getLatestReport, getReport, listReports, startAudit } from './reports.ts';
import { getAnyTransaction, reverseTransaction, searchTransactions } from './transactions.ts';
import { activateVendor, suspendVendor, updateVendor } from './update-vendor.ts';
import { issueVendorToken, listVendorTokens, revokeVendorToken } from './vendor-tokens.ts';
import { verifyVendor } from './verify-vendor.ts';
import { listDeadWebhooks, listWebhookDeliveries, replayWebhooks } from './webhook-deliveries.ts';
import {
  createWebhook,
  deleteWebhook,
  listWebhooks,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
} from './webhooks.ts';

/** Every route of the admin API. */
export function createRoutes(
  config: Pick<BackofficeConfig, 'DEFAULT_REGION' | 'BUSINESS_TIMEZONE'>,
): Route<Backoffice>[] {
  const fields = createFields({
    parsePhone: createPhoneParser(config.DEFAULT_REGION),
    startOfDay: createStartOfDay(config.BUSINESS_TIMEZONE),
  });
  const routes: Route<Backoffice>[] = [
    createVendor,
    listVendors,
    getVendor,
    updateVendor,
    suspendVendor,
    activateVendor,
    setCreditLimit,
    issueVendorToken,
    listVendorTokens,
    revokeVendorToken,
    listAllCredits,
    decideCredits,
    getCreditTrail,
    approveCredit,
    rejectCredit,
    searchTransactions(fields),
    getAnyTransaction,
    reverseTransaction,
    listReports,
    startAudit,
    getLatestReport,
    getReport,
    listDeadLetters,
    resubmitDeadLetter,
    createWebhook,
    listWebhooks,
    updateWebhook,
    deleteWebhook,
    rotateWebhookSecret,
    testWebhook,
    listWebhookDeliveries,
    listDeadWebhooks,
    replayWebhooks,
    verifyVendor,
    getAdminCheckpoint,
  ];
  return [...routes, ...docsRoutes(routes)];
}
