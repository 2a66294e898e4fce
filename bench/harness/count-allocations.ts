import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { GCProfiler, getHeapStatistics } from 'node:v8';

/**
 * Loaded into a service before its own code (`--import`): counts the bytes allocated on V8's heap, which is what the
 * heap grew by between collections. SIGUSR2 writes the sum so far to a file named by the process, in ALLOCATIONS_DIR.
 */
interface GcReport {
  readonly statistics: readonly {
    readonly beforeGC: { readonly heapStatistics: { readonly usedHeapSize: number } };
    readonly afterGC: { readonly heapStatistics: { readonly usedHeapSize: number } };
  }[];
}

const folder = process.env.ALLOCATIONS_DIR!;
let readings = 0;
let allocated = 0;
let used = getHeapStatistics().used_heap_size;
let profiler = new GCProfiler();
profiler.start();

process.on('SIGUSR2', () => {
  const { statistics } = profiler.stop() as unknown as GcReport;
  profiler = new GCProfiler();
  profiler.start();
  for (const { beforeGC, afterGC } of statistics) {
    allocated += beforeGC.heapStatistics.usedHeapSize - used;
    used = afterGC.heapStatistics.usedHeapSize;
  }
  const now = getHeapStatistics().used_heap_size;
  allocated += now - used;
  used = now;
  writeFileSync(path.join(folder, String(process.pid)), `${++readings} ${allocated}`);
});
