/** What one process spent its CPU on, per charge. */
export interface StageProfile {
  readonly process: 'gateway' | 'ledger';
  /** Microseconds per charge by stage, in the order of a charge's way. */
  readonly stages: Readonly<Record<string, number>>;
  /** The most expensive functions, their own time only. */
  readonly top: Readonly<Record<string, number>>;
}

/** A stage is told by the files that it is made of; the innermost file of ours on the stack decides. */
interface Rule {
  readonly files: RegExp;
  readonly stage: string;
}

const rule = (stage: string, files: RegExp): Rule => ({ stage, files });

/** The services' own files: nearer to the purpose than the library that they call. */
const OWN: Readonly<Record<StageProfile['process'], readonly Rule[]>> = {
  gateway: [
    rule('routing', /http\/(app|pipeline|allowed-hosts)\.ts/),
    rule('token and rate limit', /\/(tokens|limits)\/|http\/(authenticate|rate-limit|client-address)\.ts/),
    rule('body and validation', /http\/(body|strict-json|validate|fields|idempotency-key)\.ts|\/phones\//),
    rule('replay copies, spend window', /charges\/(replay-copies|spend-window)\.ts/),
    rule('publish and await the outcome', /packages\/client\/|charges\/(sell|command-desk|lane-guard)\.ts/),
    rule('answer', /http\/(envelope|reply|amounts)\.ts|routes\/|\/messages\//),
    rule('log lines and metrics', /\/logs\/|\/metrics\.ts/),
  ],
  ledger: [
    rule('read and parse the log', /\/log\/|process\/(log-reading|owned-lanes)\.ts/),
    rule('decide', /\/domain\//),
    rule('build SQL', /store\/(write-batch|array-literals|load-batch|rows|lane-statements|vendor-cache)\.ts/),
    rule('send statements', /store\/(writer|pg-store)\.ts/),
    rule('copies in Redis', /publish\/balance-copies\.ts/),
    rule('events', /publish\/event-(feed|sender)\.ts|store\/unpublished\.ts/),
    rule('outcomes and replies', /publish\//),
    rule('metrics', /\/metrics\.ts/),
  ],
};

const LIBRARIES: readonly Rule[] = [
  rule('validation library', /node_modules\/(zod|libphonenumber-js)\//),
  rule('HTTP adapter', /node_modules\/(hono|@hono)\//),
  rule('NATS client', /node_modules\/@nats-io\//),
  rule('PostgreSQL client', /node_modules\/pg(-|\/)/),
  rule('Redis client', /node_modules\/(ioredis|redis-|@ioredis)/),
  rule('metrics library', /node_modules\/prom-client\//),
  rule('log library', /node_modules\/(pino|sonic-boom)/),
  rule('HTTP parser', /^node:(_http|internal\/http)/),
  rule('sockets and streams', /^node:(net|internal\/stream|internal\/streams|stream|events)/),
];
const GARBAGE = 'garbage collection';
const REST = 'event loop and the rest';

export const stagesOf = (process: StageProfile['process']): string[] => [
  ...OWN[process].map(({ stage }) => stage),
  ...LIBRARIES.map(({ stage }) => stage),
  GARBAGE,
  REST,
];

/** The stage of a stack, innermost frame first; null for a process that had nothing to do. */
export function stageOf(
  process: StageProfile['process'],
  stack: readonly { url: string; functionName: string }[],
): string | null {
  const innermost = stack[0]?.functionName;
  if (innermost === '(idle)') return null;
  if (innermost === '(garbage collector)') return GARBAGE;
  const find = (rules: readonly Rule[]) => {
    for (const { url } of stack) {
      const hit = rules.find(({ files }) => files.test(url));
      if (hit) return hit.stage;
    }
    return undefined;
  };
  return find(OWN[process]) ?? find(LIBRARIES) ?? REST;
}
