import { randomBytes } from 'node:crypto';
import { docker } from './engine.ts';

const UP_MS = 420_000;

/** One brought-up compose project; disposing of it takes everything down, data and images included. */
export interface Stack extends AsyncDisposable {
  readonly project: string;
  compose(...args: string[]): Promise<string>;
  /** Builds and starts; `--wait` also waits until everything is well. */
  up(...options: string[]): Promise<void>;
  /** Ids of a service's containers. */
  containers(service: string): Promise<string[]>;
}

/** `env` holds what the file's variables are to be. Every image built gets a tag of its own. */
export function createStack(file: string, env: Readonly<Record<string, string>>): Stack {
  const project = `b2b-test-${randomBytes(4).toString('hex')}`;
  const settings = { COMPOSE_PROJECT_NAME: project, VERSION: project, ...env };
  const compose = (...args: string[]) =>
    docker(['compose', '--file', file, '--progress', 'quiet', ...args], { env: settings, timeoutMs: UP_MS });
  return {
    project,
    compose,
    async up(...options) {
      await compose('build', '--quiet');
      await compose('up', '--detach', '--quiet-pull', ...options);
    },
    containers: async (service) => (await compose('ps', '--quiet', service)).trim().split('\n'),
    async [Symbol.asyncDispose]() {
      await compose('--profile', 'observe', 'down', '--volumes', '--remove-orphans', '--timeout', '20');
      const ours = ['--filter', `label=org.opencontainers.image.version=${project}`];
      const images = (await docker(['image', 'ls', '--quiet', ...ours])).split('\n').filter(Boolean);
      // One after the other: two names of one image at once, and the engine loses its way.
      for (const image of new Set(images)) await docker(['image', 'rm', '--force', image]);
    },
  };
}
