import type { z } from 'zod';
import { backofficeSettings } from '../services/backoffice/src/config.ts';
import { creditsSettings } from '../services/credits/src/config.ts';
import { gatewaySettings } from '../services/gateway/src/config.ts';
import { ledgerSettings } from '../services/ledger/src/config.ts';
import { reconcilerSettings } from '../services/reconciler/src/config.ts';
import { webhooksSettings } from '../services/webhooks/src/config.ts';
import { migrateSettings } from './migrate-settings.ts';

/** The schema that parses the environment of each service, and of `npx b2b migrate`. */
export const SETTINGS = {
  gateway: gatewaySettings,
  backoffice: backofficeSettings,
  ledger: ledgerSettings,
  credits: creditsSettings,
  reconciler: reconcilerSettings,
  webhooks: webhooksSettings,
  migrate: migrateSettings,
} satisfies Record<string, z.ZodObject>;
