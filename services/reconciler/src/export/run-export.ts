import { parseArgs } from 'node:util';
import { ConfigError, createPool, databaseFrom, toolEnvironment } from '@b2b-charge/runtime';
import { progressLine } from '../cli/progress.ts';
import { parseConfig } from '../config.ts';
import { openReplica } from '../run/open-replica.ts';
import { exportVendor } from './export-vendor.ts';

const USAGE = `Usage: npm run export -- --vendor-id=N --out=FOLDER

Writes all that is known of one vendor, as it stands now, into a new folder: vendor, transactions, credit requests with
their approvals, and commands that expired, as JSON lines; and a manifest with the number of rows and the SHA-256 of each
file and the hash of the chain's head. Reads a snapshot with the reconciler's read-only role; sales go on. The files hold
phone numbers: they are readable by their owner alone.

Status: 0 done, 2 not done.`;

class UsageError extends Error {}

try {
  const options = parse(process.argv.slice(2));
  if (options === null) process.stdout.write(`${USAGE}\n`);
  else await run(options);
} catch (error) {
  process.exitCode = 2;
  const { message } = error as Error;
  if (error instanceof UsageError) process.stderr.write(`${message}\n\n${USAGE}\n`);
  else if (error instanceof ConfigError) process.stderr.write(`export: bad configuration\n${message}\n`);
  else process.stderr.write(`export: not done: ${message}\n`);
}

/** Null for --help. Throws UsageError. */
function parse(args: string[]): { vendorId: number; folder: string } | null {
  let values: { 'vendor-id'?: string | undefined; out?: string | undefined; help?: boolean | undefined };
  try {
    ({ values } = parseArgs({
      args,
      options: {
        'vendor-id': { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
  if (values.help) return null;
  const { 'vendor-id': id = '', out } = values;
  const vendorId = /^[1-9][0-9]{0,9}$/.test(id) ? Number(id) : 0;
  if (vendorId < 1 || vendorId > 2_147_483_647)
    throw new UsageError(`--vendor-id=${id}: not the id of a vendor`);
  if (!out) throw new UsageError('--out: the folder to write is missing');
  return { vendorId, folder: out };
}

async function run({ vendorId, folder }: { vendorId: number; folder: string }): Promise<void> {
  const config = parseConfig(toolEnvironment(process.env, 'reconciler'));
  const pool = createPool({ ...databaseFrom(config), applicationName: 'export', max: 1 });
  const replica = openReplica(config, 'export');
  const progress = progressLine(process.stderr);
  try {
    const { files, head } = await exportVendor({
      pool,
      replica,
      vendorId,
      folder,
      onProgress: (done, total) => progress.show(done, total),
    });
    progress.clear();
    for (const { file, rows, bytes } of files)
      process.stdout.write(
        `${file.padEnd(24)} ${rows.toLocaleString('en-US')} rows, ${bytes.toLocaleString('en-US')} bytes\n`,
      );
    process.stdout.write(`${folder}: vendor ${vendorId} up to transaction ${head?.seq ?? 0}\n`);
  } finally {
    await Promise.all([pool.end(), replica?.pool.end()]);
  }
}
