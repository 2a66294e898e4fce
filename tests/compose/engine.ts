import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ROOT } from './compose-file.ts';

const run = promisify(execFile);
const MAX_OUTPUT_BYTES = 16 * 1024 ** 2;

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Runs a program of the repository's folder; rejects with what it said on standard error. */
export async function execute(
  program: string,
  args: readonly string[],
  { env = {}, timeoutMs = 30_000 }: RunOptions = {},
): Promise<string> {
  try {
    const options = {
      cwd: ROOT,
      env: { ...process.env, ...env },
      timeout: timeoutMs,
      maxBuffer: MAX_OUTPUT_BYTES,
    };
    return (await run(program, args, options)).stdout;
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')}\n${stdout.slice(-2_000)}\n${stderr.slice(-4_000)}`, {
      cause,
    });
  }
}

export const docker = (args: readonly string[], options?: RunOptions) => execute('docker', args, options);

/** Null if an engine with compose answers and has, or can fetch, every image; otherwise what is in the way. */
export async function whyNoEngine(images: readonly string[]): Promise<string | null> {
  try {
    await docker(['info'], { timeoutMs: 5_000 });
    await docker(['compose', 'version'], { timeoutMs: 5_000 });
  } catch (error) {
    return (error as Error).message.trim().split('\n').at(-1) ?? 'no engine';
  }
  for (const image of images) {
    const here = await docker(['image', 'inspect', image]).catch(() => null);
    const fetched =
      here ?? (await docker(['pull', '--quiet', image], { timeoutMs: 300_000 }).catch(() => null));
    if (fetched === null) return `the image ${image} cannot be had`;
  }
  return null;
}

/** BuildKit where the client has it; the engine's own builder otherwise. */
export async function builderSettings(): Promise<Record<string, string>> {
  const buildx = await docker(['buildx', 'version'], { timeoutMs: 5_000 }).catch(() => null);
  return { DOCKER_BUILDKIT: buildx === null ? '0' : '1' };
}
