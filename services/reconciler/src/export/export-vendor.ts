import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UsageError } from '@b2b-charge/runtime';
import type pg from 'pg';
import { openFreshSnapshot, type Replica } from '../audit/fresh-snapshot.ts';
import type { Reader } from '../audit/snapshot.ts';
import { APPROVALS, CREDIT_REQUESTS, EXPIRATIONS, TRANSACTIONS, VENDOR } from './statements.ts';

/** Rows held in memory at once. */
const PAGE_ROWS = 1_000;

/** One file of an export. */
export interface ExportedFile {
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

export interface Manifest {
  readonly vendor_id: number;
  /** Of every amount in the files, as in ISO 4217. */
  readonly currency: string;
  readonly taken_at: string;
  /** The chain's last transaction, by which the export can be held against any later one; null for an empty chain. */
  readonly head: { readonly seq: string; readonly hash: string } | null;
  readonly files: readonly ExportedFile[];
}

export interface ExportOptions {
  readonly pool: pg.Pool;
  /** Where it reads, if that has all that the primary has. */
  readonly replica?: Replica | null;
  readonly vendorId: number;
  readonly currency: string;
  /** Made by the export; it must not be there yet. */
  readonly folder: string;
  readonly pageRows?: number;
  onProgress?(done: number, total: number): void;
}

type Row = { readonly line: string; readonly cursor: string };

/**
 * Writes all that is known of one vendor, as it stood at one moment, one JSON object a line. Amounts are decimal strings
 * of minor units' two places, times ISO 8601 in UTC, hashes hexadecimal. Throws if there is no such vendor, or the folder
 * exists already.
 */
export async function exportVendor({
  pool,
  replica = null,
  vendorId,
  currency,
  folder,
  pageRows = PAGE_ROWS,
  onProgress,
}: ExportOptions): Promise<Manifest> {
  await using snapshot = await openFreshSnapshot({ pool, replica }, 1);
  const reader = snapshot.readers[0]!;
  const [vendor] = await reader.query<{ line: string; seq: string; hash: string | null }>(VENDOR, [vendorId]);
  if (!vendor) throw new UsageError(`there is no vendor ${vendorId}`);
  await mkdir(folder);
  const write = (file: string, statement: string, progress?: (rows: number) => void) =>
    writeLines(path.join(folder, file), pages(reader, statement, vendorId, pageRows), progress);
  const files = [
    await writeLines(path.join(folder, 'vendor.jsonl'), [vendor.line]),
    await write('transactions.jsonl', TRANSACTIONS, (rows) => onProgress?.(rows, Number(vendor.seq))),
    await write('credit-requests.jsonl', CREDIT_REQUESTS),
    await write('credit-approvals.jsonl', APPROVALS),
    await write('expirations.jsonl', EXPIRATIONS),
  ];
  const manifest: Manifest = {
    vendor_id: vendorId,
    currency,
    taken_at: snapshot.takenAt.toISOString(),
    head: vendor.hash === null ? null : { seq: vendor.seq, hash: vendor.hash },
    files,
  };
  await writeFile(path.join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`, {
    mode: 0o600,
  });
  return manifest;
}

/** All lines of a statement, a page at a time: $1 the vendor, $2 the cursor of the last line, $3 how many. */
async function* pages(
  reader: Reader,
  statement: string,
  vendorId: number,
  pageRows: number,
): AsyncGenerator<string> {
  for (let cursor = ''; ; ) {
    const rows: Row[] = await reader.query<Row>(statement, [vendorId, cursor, pageRows]);
    for (const { line } of rows) yield line;
    if (rows.length < pageRows) return;
    cursor = rows.at(-1)!.cursor;
  }
}

async function writeLines(
  file: string,
  lines: AsyncIterable<string> | Iterable<string>,
  onRow: (rows: number) => void = () => {},
): Promise<ExportedFile> {
  const hash = createHash('sha256');
  let rows = 0;
  let bytes = 0;
  const counted = new Transform({
    writableObjectMode: true,
    transform(line: string, _encoding, done) {
      const chunk = Buffer.from(`${line}\n`);
      hash.update(chunk);
      bytes += chunk.length;
      onRow(++rows);
      done(null, chunk);
    },
  });
  await pipeline(Readable.from(lines), counted, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  return { file: path.basename(file), rows, bytes, sha256: hash.digest('hex') };
}
