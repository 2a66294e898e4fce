import { existsSync } from 'node:fs';
import path from 'node:path';
import { executables } from '../servers/binaries.ts';
import { type FetchOptions, unpackDebian } from '../servers/debian-package.ts';

/** Prometheus and its tool: no part of a running system, but what its rules and dashboards are checked with. */
export interface PrometheusTools {
  readonly prometheus: string;
  readonly promtool: string;
  /** Where the pages of the web interface were unpacked to; null: it finds them by itself. */
  readonly webFolder: string | null;
}

/** The machine's own, else Debian's package unpacked into the cache folder. */
export async function findPrometheus(options: FetchOptions): Promise<PrometheusTools> {
  const { path: folders } = options.sources;
  const [prometheus] = executables('prometheus', folders);
  const [promtool] = executables('promtool', folders);
  if (prometheus && promtool) return { prometheus, promtool, webFolder: null };
  // jQuery by name: its pages want it, and apt leaves out what the machine has already.
  const root = await unpackDebian('prometheus-web', async () => ['prometheus', 'libjs-jquery'], options);
  const bin = path.join(root, 'usr/bin');
  const tools = {
    prometheus: path.join(bin, 'prometheus'),
    promtool: path.join(bin, 'promtool'),
    webFolder: path.join(root, 'usr/share/prometheus/web'),
  };
  for (const file of [tools.prometheus, tools.promtool]) {
    if (!existsSync(file)) throw new Error(`Debian's package of Prometheus has no ${file}`);
  }
  return tools;
}
