import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  readonly fdatasyncMs: { readonly p50: number; readonly p99: number };
  readonly loadBefore: number;
}

export const describeMachine = (): Machine => ({
  cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
  cores: os.availableParallelism(),
  memoryGb: Math.round(os.totalmem() / 1024 ** 3),
  kernel: `${os.type()} ${os.release()}`,
  node: process.version,
  fdatasyncMs: measureFdatasync(),
  loadBefore: os.loadavg()[0] ?? 0,
});

const WRITES = 300;
const WRITE_BYTES = 8_192;

/** Eight kilobytes and a sync, again and again, where the servers' data will be: what every commit waits for. */
function measureFdatasync(): Machine['fdatasyncMs'] {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'b2b-charge-disk-'));
  try {
    const file = openSync(path.join(folder, 'probe'), 'w');
    const page = Buffer.alloc(WRITE_BYTES, 7);
    const times: number[] = [];
    for (let write = 0; write < WRITES; write++) {
      const start = performance.now();
      writeSync(file, page);
      fdatasyncSync(file);
      times.push(performance.now() - start);
    }
    closeSync(file);
    times.sort((a, b) => a - b);
    return { p50: times[WRITES / 2]!, p99: times[Math.floor(WRITES * 0.99)]! };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
