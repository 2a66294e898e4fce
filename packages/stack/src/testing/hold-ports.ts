import { once } from 'node:events';
import { createServer } from 'node:net';
import { PREFERRED_PORTS } from '../local/start-servers.ts';

/**
 * Takes the ports that the servers of a local stack prefer, as far as they are free. Stacks of several test files then
 * run on ports of their own. Otherwise one stack could take the port of another's server that was killed a moment ago.
 */
export async function holdPreferredPorts(): Promise<Disposable> {
  const holders = Object.values(PREFERRED_PORTS).map(async (port) => {
    const holder = createServer().listen(port, '127.0.0.1');
    holder.unref();
    await Promise.race([once(holder, 'listening'), once(holder, 'error')]).catch(() => {});
    return holder;
  });
  const held = await Promise.all(holders);
  return { [Symbol.dispose]: () => held.forEach((holder) => void holder.close()) };
}
