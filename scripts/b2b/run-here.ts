import { vi } from 'vitest';
import { runProgram } from './program.ts';

/** Runs `b2b` within the test's own process. Returns the exit code and everything that was written. */
export async function runHere(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; text: string }> {
  let text = '';
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((part) => {
      text += part;
      return true;
    }),
  );
  try {
    return { code: await runProgram(args, env), text };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
