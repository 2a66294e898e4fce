const WITHIN_MS = 5_000;

/** What V8 holds once all garbage is gone, bytes. */
export interface Heap {
  readonly heap: number;
  readonly external: number;
}

/** Asks a process that runs with `--inspect` to collect its garbage, and what is left. Null if it cannot be asked. */
export async function heapAfterCollection(inspectPort: number): Promise<Heap | null> {
  const signal = AbortSignal.timeout(WITHIN_MS);
  try {
    const list = await fetch(`http://127.0.0.1:${inspectPort}/json/list`, { signal });
    const [target] = (await list.json()) as { webSocketDebuggerUrl: string }[];
    return await ask(target!.webSocketDebuggerUrl, signal);
  } catch {
    return null;
  }
}

async function ask(url: string, signal: AbortSignal): Promise<Heap> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (answer: { result: { value: Heap } }) => void>();
  const ended = new Promise<never>((_, reject) => {
    const fail = () => reject(new Error('the inspector does not answer'));
    socket.onerror = fail;
    socket.onclose = fail;
    signal.addEventListener('abort', fail, { once: true });
  });
  ended.catch(() => {});
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(data as string);
    waiting.get(id)?.(result);
  };
  let last = 0;
  const call = (method: string, params = {}) =>
    Promise.race([
      ended,
      new Promise<{ result: { value: Heap } }>((resolve) => {
        waiting.set(++last, resolve);
        socket.send(JSON.stringify({ id: last, method, params }));
      }),
    ]);
  try {
    await Promise.race([ended, new Promise((resolve) => (socket.onopen = resolve))]);
    await call('HeapProfiler.collectGarbage');
    const expression = '(({ heapUsed, external }) => ({ heap: heapUsed, external }))(process.memoryUsage())';
    const { result } = await call('Runtime.evaluate', { expression, returnByValue: true });
    return result.value;
  } finally {
    socket.close();
  }
}
