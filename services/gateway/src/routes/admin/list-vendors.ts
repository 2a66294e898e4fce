import { z } from 'zod';
import { cursorQuery, limitQuery, textField, vendorIdField } from '../../http/fields.ts';
import { failure, success } from '../../http/reply.ts';
import { defineRoute } from '../../http/route.ts';
import { NO_SETTINGS, vendorSettings } from '../../vendors/vendor-store.ts';
import { showVendor, vendorView } from '../views.ts';

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
  async handle({ query }, gateway) {
    const page = await gateway.ask('ledger.query.vendors', query);
    const settings = await vendorSettings(
      gateway.db,
      page.vendors.map((vendor) => vendor.vendor_id),
    );
    return success('VENDORS', {
      vendors: page.vendors.map((vendor) =>
        showVendor(vendor, settings.get(vendor.vendor_id) ?? NO_SETTINGS, gateway.config.CURRENCY),
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
  async handle({ params: { id } }, gateway) {
    const vendor = await gateway.ask('ledger.query.vendor', { vendor_id: id });
    if (!vendor) return failure('NOT_FOUND');
    const settings = await vendorSettings(gateway.db, [id]);
    return success('VENDOR', showVendor(vendor, settings.get(id) ?? NO_SETTINGS, gateway.config.CURRENCY));
  },
});
