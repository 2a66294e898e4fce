import { createStartOfDay } from '@b2b-charge/http/business-time';
import { docsRoutes } from '@b2b-charge/http/docs';
import { createFields } from '@b2b-charge/http/fields';
import { createPhoneParser } from '@b2b-charge/http/phones/phone-parser';
import type { Route } from '@b2b-charge/http/route';
import type { GatewayConfig } from '../config.ts';
import type { Gateway } from '../gateway.ts';
import { getAuditKeys, getCheckpoint } from './audit-keys.ts';
import { cancelCredit, getCredit } from './credit-by-id.ts';
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
export function createRoutes(
  config: Pick<GatewayConfig, 'DEFAULT_REGION' | 'BUSINESS_TIMEZONE'>,
): Route<Gateway>[] {
  const fields = createFields({
    parsePhone: createPhoneParser(config.DEFAULT_REGION),
    startOfDay: createStartOfDay(config.BUSINESS_TIMEZONE),
  });
  const routes: Route<Gateway>[] = [
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
    createOwnWebhook,
    listOwnWebhooks,
    deleteOwnWebhook,
    listOwnDeliveries,
  ];
  return [...routes, ...docsRoutes(routes)];
}
