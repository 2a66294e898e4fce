import { createPool, databaseFrom } from '@b2b-charge/runtime';
import { progressLine } from '../cli/progress.ts';
import type { ReconcilerConfig } from '../config.ts';
import { openReplica } from '../run/open-replica.ts';
import { exportVendor } from './export-vendor.ts';

/** Exports a vendor with a progress line on a terminal. Returns a line for each file. */
export async function runExport(
  config: ReconcilerConfig,
  { vendorId, folder }: { readonly vendorId: number; readonly folder: string },
): Promise<string> {
  const pool = createPool({ ...databaseFrom(config), applicationName: 'export', max: 1 });
  const replica = openReplica(config, 'export');
  const progress = progressLine(process.stderr);
  try {
    const { files, head } = await exportVendor({
      pool,
      replica,
      vendorId,
      currency: config.CURRENCY,
      folder,
      onProgress: (done, total) => progress.show(done, total),
    });
    progress.clear();
    const lines = files.map(
      ({ file, rows, bytes }) =>
        `${file.padEnd(24)} ${rows.toLocaleString('en-US')} rows, ${bytes.toLocaleString('en-US')} bytes`,
    );
    return [...lines, `${folder}: vendor ${vendorId} up to transaction ${head?.seq ?? 0}`].join('\n');
  } finally {
    await Promise.all([pool.end(), replica?.pool.end()]);
  }
}
