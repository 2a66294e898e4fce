import { ChildProcess } from 'node:child_process';
import { shiftStreamTimes } from './stream-times.ts';

/**
 * Preloaded into every Node process of a run under a shifted clock. Our tests and tools start programs with an
 * environment of their own choice, which would leave the clock behind.
 */
const CLOCK = Object.entries(process.env).filter(([name]) => /^(LD_PRELOAD|DATEFUDGE)$/.test(name));
const NODE_OPTIONS = process.env.NODE_OPTIONS ?? '';

interface Spawned {
  envPairs?: string[];
}
type Spawn = (options: Spawned) => unknown;

/** spawn, exec, execFile and fork all come by here. */
const prototype = ChildProcess.prototype as unknown as { spawn: Spawn };
const { spawn } = prototype;
prototype.spawn = function (this: ChildProcess, options) {
  const pairs = options.envPairs ?? Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
  const own = pairs.find((pair) => pair.startsWith('NODE_OPTIONS='))?.slice('NODE_OPTIONS='.length) ?? '';
  const nodeOptions = own.includes(NODE_OPTIONS) ? own : `${NODE_OPTIONS} ${own}`;
  const set = [...CLOCK, ['NODE_OPTIONS', nodeOptions]].map(([name, value]) => `${name}=${value}`);
  const names = set.map((pair) => pair.slice(0, pair.indexOf('=') + 1));
  const kept = pairs.filter((pair) => !names.some((name) => pair.startsWith(name)));
  return spawn.call(this, { ...options, envPairs: [...kept, ...set] });
};

shiftStreamTimes(-1_000 * Number(process.env.DATEFUDGE));
