import { Agent, createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Upstream {
  readonly url: string;
  readonly opsUrl: string;
}

export interface Balancer extends AsyncDisposable {
  readonly url: string;
  /** Resolves when exactly these are in use. Throws after 20 s. */
  serves(count: number): Promise<void>;
}

const ASK_EVERY_MS = 50;
const ASK_WITHIN_MS = 1_000;
const WITHIN_MS = 20_000;

/**
 * As small as a balancer can be: one after the other of those that say on /ready that they are, over connections that are
 * kept. It never tries a request again, so whatever goes wrong is a failed request.
 */
export async function startBalancer(upstreams: () => readonly Upstream[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  let ready: readonly Upstream[] = [];
  let why = 'nobody was asked yet';
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const upstream = ready[turn++ % Math.max(1, ready.length)];
    const fail = (reason: string) => {
      if (!outgoing.headersSent) outgoing.writeHead(502);
      outgoing.end(JSON.stringify({ error: reason }));
    };
    if (!upstream) return fail('no gateway is ready');
    const { hostname, port } = new URL(upstream.url);
    const { method, url: path, headers } = incoming;
    const onward = forward({ agent, hostname, port, method, path, headers }, (answer) => {
      const { connection: _, ...own } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, own);
      answer.pipe(outgoing);
    });
    onward.on('error', (error) => fail(error.message));
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const done = new AbortController();
  const look = async () => {
    while (!done.signal.aborted) {
      const states = await Promise.all(
        upstreams().map(async (upstream) => ({ upstream, wrong: await whatIsWrong(upstream) })),
      );
      ready = states.flatMap(({ upstream, wrong }) => (wrong === null ? [upstream] : []));
      why = states.map(({ wrong }) => wrong ?? 'ready').join('; ');
      await sleep(ASK_EVERY_MS, undefined, { signal: done.signal }).catch(() => {});
    }
  };
  const looking = look();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serves: async (count) => {
      const deadline = Date.now() + WITHIN_MS;
      while (ready.length !== count) {
        if (Date.now() > deadline)
          throw new Error(`${ready.length} gateways are ready, not ${count}: ${why}`);
        await sleep(ASK_EVERY_MS);
      }
    },
    [Symbol.asyncDispose]: async () => {
      done.abort();
      await looking;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}

async function whatIsWrong({ opsUrl }: Upstream): Promise<string | null> {
  try {
    const answer = await fetch(`${opsUrl}/ready`, { signal: AbortSignal.timeout(ASK_WITHIN_MS) });
    const text = await answer.text();
    return answer.ok ? null : text;
  } catch (error) {
    return (error as Error).message;
  }
}
