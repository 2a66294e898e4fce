import { spawn } from 'node:child_process';
import { closeSync, fstatSync } from 'node:fs';
import { logTail, openLog } from './log-file.ts';
import { type Running, SpawnError, type StartOptions } from './running.ts';

/** How to run one program. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Written to its standard input, which is then closed. */
  readonly input?: string;
  readonly uid?: number;
  readonly gid?: number;
}

interface ProcessOptions extends StartOptions {
  /** The signal that ends it in an orderly way. */
  readonly signal: NodeJS.Signals;
}

export interface RunningProcess extends Running {
  readonly pid: number;
}

/** Starts a program under the guardian's eyes, with its output in a log file. Throws SpawnError if it cannot be run. */
export async function startProcess(launch: Launch, options: ProcessOptions): Promise<RunningProcess> {
  const { logFile, guardian, signal, stage } = options;
  if (guardian.closed) throw new SpawnError(`${launch.command} is not started: all is being stopped`);
  const log = openLog(logFile);
  const logStart = fstatSync(log).size;
  const child = spawn(launch.command, launch.args, {
    cwd: launch.cwd,
    env: launch.environment,
    // A session of its own: Ctrl-C in the terminal is for the supervisor, which ends the others in the right order.
    detached: true,
    stdio: [launch.input === undefined ? 'ignore' : 'pipe', log, log],
    ...(launch.uid === undefined ? {} : { uid: launch.uid, gid: launch.gid ?? launch.uid }),
  });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) {
    const error = await new Promise<Error>((resolve) => child.once('error', resolve));
    throw new SpawnError(`cannot run ${launch.command}: ${error.message}`, { cause: error });
  }
  guardian.watch({ pid, signal, stage });
  child.stdin?.on('error', () => {});
  child.stdin?.end(launch.input);
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, killedBy) => {
      guardian.release(pid);
      resolve(killedBy ? `signal ${killedBy}` : `exit code ${code}`);
    });
  });
  return {
    pid,
    exited,
    hasExited: () => child.exitCode !== null || child.signalCode !== null,
    kill: async (name) => void child.kill(name),
    tail: () => logTail(logFile, logStart),
  };
}
