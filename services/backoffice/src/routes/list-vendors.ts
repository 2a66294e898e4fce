import { cursorQuery, limitQuery, textField, vendorIdField } from '@b2b-charge/http/fields';
import { failure, success } from '@b2b-charge/http/reply';
import { showVendor, vendorView } from '@b2b-charge/http/views';
import { z } from 'zod';
import { NO_SETTINGS, vendorSettings } from '../vendors/vendor-store.ts';
import { defineRoute } from './define-route.ts';

export const listVendors = defineRoute({
  method: 'GET',
  path: '/api/admin/vendors/',
  operationId: 'listVendors',
  summary: 'Vendors with their balances',
  tag: 'admin',
  access: 'admin',
  query: z.strictObject({
    search: textField(100).optional(),
    limit: limitQuery,
    cursor: cursorQuery.optional(),
  }),
  replies: { 200: z.object({ vendors: z.array(vendorView), next_cursor: z.string().nullable() }) },
  errors: ['UNAVAILABLE'],
  async handle({ query }, backoffice) {
    const page = await backoffice.ask('ledger.query.vendors', query);
    const settings = await vendorSettings(
      backoffice.db,
      page.vendors.map((vendor) => vendor.vendor_id),
    );
    return success('VENDORS', {
      vendors: page.vendors.map((vendor) =>
        showVendor(vendor, settings.get(vendor.vendor_id) ?? NO_SETTINGS, backoffice.config.CURRENCY),
      ),
      next_cursor: page.next_cursor,
    });
  },
});

export const getVendor = defineRoute({
  method: 'GET',
  path: '/api/admin/vendors/:id/',
  operationId: 'getVendor',
  summary: 'One vendor',
  tag: 'admin',
  access: 'admin',
  params: z.object({ id: vendorIdField }),
  replies: { 200: vendorView },
  errors: ['NOT_FOUND', 'UNAVAILABLE'],
  async handle({ params: { id } }, backoffice) {
    const vendor = await backoffice.ask('ledger.query.vendor', { vendor_id: id });
    if (!vendor) return failure('NOT_FOUND');
    const settings = await vendorSettings(backoffice.db, [id]);
    return success('VENDOR', showVendor(vendor, settings.get(id) ?? NO_SETTINGS, backoffice.config.CURRENCY));
  },
});
