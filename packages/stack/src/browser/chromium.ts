import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { executables, isExecutable } from '../servers/binaries.ts';
import { type FetchOptions, libraryPath, unpackDebian } from '../servers/debian-package.ts';

/** A browser that can be started. */
export interface Chromium {
  readonly program: string;
  /** Its whole environment. */
  readonly environment: Readonly<Record<string, string>>;
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
/**
 * Named one by one, for apt-get leaves out what the machine has of them, and the browser looks beside itself for its
 * data. DejaVu has Latin and Arabic letters: a machine without fonts would show pages of empty boxes.
 */
const PACKAGES = ['chromium', 'chromium-common', 'fonts-dejavu-core'];

/**
 * A Chromium: the one that CHROMIUM_BIN names, one on the machine, or Debian's, unpacked into the cache folder like the
 * servers' packages. Throws when there is none to be had.
 */
export async function findChromium(options: FetchOptions, environment: NodeJS.ProcessEnv): Promise<Chromium> {
  const { sources } = options;
  const named = environment.CHROMIUM_BIN;
  if (named) {
    if (!isExecutable(named)) throw new Error(`CHROMIUM_BIN is ${named}, which cannot be run`);
    return { program: named, environment: sources.environment };
  }
  for (const name of NAMES) {
    const [program] = executables(name, sources.path);
    if (program) return { program, environment: sources.environment };
  }
  return unpackedChromium(options);
}

/** Debian's, from the cache folder. */
export async function unpackedChromium(options: FetchOptions): Promise<Chromium> {
  const { sources } = options;
  const root = await unpackDebian('chromium', async () => PACKAGES, options);
  const program = path.join(root, 'usr/lib/chromium/chromium');
  if (!isExecutable(program)) throw new Error(`no chromium in ${root}`);
  const environment = {
    ...sources.environment,
    LD_LIBRARY_PATH: libraryPath(root),
    FONTCONFIG_FILE: fontSettings(root, sources.cacheDir),
  };
  return { program, environment };
}

/** The unpacked fonts beside the machine's own; fontconfig's own settings may not be there at all. */
function fontSettings(root: string, cacheDir: string): string {
  const file = path.join(cacheDir, `${path.basename(root)}-fonts.conf`);
  if (existsSync(file)) return file;
  const caches = path.join(cacheDir, 'font-cache');
  mkdirSync(caches, { recursive: true });
  writeFileSync(
    file,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${path.join(root, 'usr/share/fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${caches}</cachedir>
</fontconfig>
`,
  );
  return file;
}
