import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';

/** A compared service's process; it ends when it is disposed, or when this process ends. */
export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Port that it listens on; 0 if on none. */
  readonly port: number;
}

const STARTS_WITHIN_MS = 15_000;
const ENDS_WITHIN_MS = 15_000;

/**
 * Starts a program that sends `{ port }` when it is ready, and ends when it is disconnected. Throws Error if it does
 * not become ready within 15 s.
 */
export async function startProgram(
  file: string,
  environment: Readonly<Record<string, string>>,
  nodeFlags: readonly string[] = [],
): Promise<Program> {
  const name = path.relative(path.join(import.meta.dirname, '..'), file);
  const child = fork(file, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [...nodeFlags],
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
  });
  try {
    const port = await new Promise<number>((resolve, reject) => {
      const late = () => reject(new Error(`${name} was not ready within ${STARTS_WITHIN_MS / 1_000} s`));
      const timer = setTimeout(late, STARTS_WITHIN_MS);
      child.once('message', (message: { port: number }) => {
        clearTimeout(timer);
        resolve(message.port);
      });
      child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`${name} ended with ${code}`));
      });
    });
    return { port, pid: child.pid!, [Symbol.asyncDispose]: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), ENDS_WITHIN_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    if (child.connected) child.disconnect();
  });
}
