import type { GatewayConfig } from '../config.ts';
import { createStartOfDay } from '../http/business-time.ts';
import { createFields } from '../http/fields.ts';
import type { Route } from '../http/route.ts';
import { createPhoneParser } from '../phones/phone-parser.ts';
import { createVendor } from './admin/create-vendor.ts';
import {
  approveCredit,
  decideCredits,
  getCreditTrail,
  listAllCredits,
  rejectCredit,
  setCreditLimit,
} from './admin/credits.ts';
import { listDeadLetters, resubmitDeadLetter } from './admin/dead-letters.ts';
import { getVendor, listVendors } from './admin/list-vendors.ts';
import { getLatestReport, getReport, listReports, startAudit } from './admin/reports.ts';
import { getAnyTransaction, reverseTransaction, searchTransactions } from './admin/transactions.ts';
import { activateVendor, suspendVendor, updateVendor } from './admin/update-vendor.ts';
import { issueVendorToken, listVendorTokens, revokeVendorToken } from './admin/vendor-tokens.ts';
import { listDeadWebhooks, listWebhookDeliveries, replayWebhooks } from './admin/webhook-deliveries.ts';
import {
  createWebhook,
  deleteWebhook,
  listWebhooks,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
} from './admin/webhooks.ts';
import { getAuditKeys, getCheckpoint } from './audit-keys.ts';
import { cancelCredit, getCredit } from './credit-by-id.ts';
import { docsRoutes } from './docs.ts';
import { getBalance } from './get-balance.ts';
import { getCharge, getChargeByKey } from './get-charge.ts';
import { getHealth, getMetrics } from './get-health.ts';
import { getReceipt, getTransaction } from './get-transaction.ts';
import { listCredits } from './list-credits.ts';
import { listTransactions } from './list-transactions.ts';
import { requestCredit } from './request-credit.ts';
import { sellBatch } from './sell-batch.ts';
import { sellCharge } from './sell-charge.ts';
import { verifyBalance } from './verify-balance.ts';
import { createOwnWebhook, deleteOwnWebhook, listOwnDeliveries, listOwnWebhooks } from './webhooks.ts';

/** Every route of the API, the most travelled first. */
export function createRoutes(config: Pick<GatewayConfig, 'DEFAULT_REGION' | 'BUSINESS_TIMEZONE'>): Route[] {
  const fields = createFields({
    parsePhone: createPhoneParser(config.DEFAULT_REGION),
    startOfDay: createStartOfDay(config.BUSINESS_TIMEZONE),
  });
  const routes = [
    sellCharge(fields),
    sellBatch(fields),
    getChargeByKey(fields),
    getCharge,
    getBalance(fields),
    listTransactions(fields),
    getTransaction,
    getReceipt,
    requestCredit,
    listCredits,
    getCredit,
    cancelCredit,
    verifyBalance,
    getHealth,
    getMetrics,
    getAuditKeys,
    getCheckpoint,
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
    createOwnWebhook,
    listOwnWebhooks,
    deleteOwnWebhook,
    listOwnDeliveries,
    createWebhook,
    listWebhooks,
    updateWebhook,
    deleteWebhook,
    rotateWebhookSecret,
    testWebhook,
    listWebhookDeliveries,
    listDeadWebhooks,
    replayWebhooks,
  ];
  return [...routes, ...docsRoutes(routes)];
}
