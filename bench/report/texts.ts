/** What the report says around its figures. */
export const METHOD = `## How it is measured

- Every run starts PostgreSQL, NATS and Redis of its own, then gateway and ledger as processes of their own, with
  tokens, rate limit, validation, events, logs and metrics on, as in production. Only the number of the rate limit is
  raised, so that nobody meets it.
- The load comes from one more process: raw keep-alive sockets, ready-made requests, every phone number another one,
  every sale under a key of its own. It shares the cores, and its CPU is shown.
- Closed loop: each caller sends its next sale when the last one is answered. Open loop: sales are sent at fixed
  times, and a latency counts from the time at which the sale was to be sent, so that a stall is felt by all whom it
  would have met (no coordinated omission). All latencies are kept: percentiles are exact.
- After every load the books are checked by SQL of the bench's own: as many charges and rejections as the callers were
  told, the same ones, every row continuing its chain, doing its sum and carrying the hash of its content, every
  vendor's row the head of its chain. What does not agree has no figure.
- CPU is what the kernel counted for each process (PostgreSQL: all of its processes), divided by the charges of the
  measured time. Bytes are differences of table sizes, of the WAL's position and of the streams' sizes. “Accepted” is
  what the log acknowledged (PubAck), “outcomes” what callers were answered. Memory is the most that was resident.
- The mean time of a sale has three parts, by what gateway and ledger measure of themselves: outside (sockets, and
  waiting for the gateway), way (from the gateway's first byte to the batch and back: validation, log, gathering, reply)
  and batch (the ledger's statements and commit).
- Short loads begin after a checkpoint, so their WAL holds every page that they touch once as a whole; the size of the
  WAL between checkpoints is under “Counted”.`;

interface GroupText {
  readonly group: string;
  readonly title: string;
  readonly text: string;
}

export const GROUPS: readonly GroupText[] = [
  {
    group: 'closed',
    title: 'Closed loop',
    text: `Over HTTP unless it says otherwise; vendors at random out of 10,000 unless it says otherwise. Zipf: a few vendors
sell most. Rejections are recorded outcomes, so they cost what a sale costs. Repeats are answered from Redis. The bulk
endpoint answers a request when all of its 100 sales are decided: its latencies are of the request. The NATS client is
the way of internal systems: no gateway in between.`,
  },
  {
    group: 'open',
    title: 'Open loop',
    text: `Until the rate is no longer kept up with. In the last line the system is beyond saturation: its latencies only
say how long the queue had grown.`,
  },
  {
    group: 'hops',
    title: 'Hops of a sale',
    text: `From the services' own traces of a hundred sales a second: the mean milliseconds of each hop, in all of them and, after
the arrow, in the slowest 2 %.`,
  },
  {
    group: 'drain',
    title: 'Drain',
    text: `The log is filled while no ledger runs (accepted: with 2,000 publishes unacknowledged), then the ledgers start.
From the first outcome to the last, every one of them received by its caller; and until the last event is in its stream.`,
  },
  {
    group: 'processes',
    title: 'More processes',
    text: 'They share the same cores, so this shows what the division of work costs, not what more machines bring.',
  },
  {
    group: 'counts',
    title: 'Counted',
    text: `What does not depend on the machine, per charge: in full batches (a drain) and alone (one in flight). Statements
and round trips to PostgreSQL are seen by a proxy, messages and Redis' reads by the servers' own counters, what is
allocated on V8's heap by its size around each collection; the last holds what the process does besides, so a slower
machine has a little more of it. Pages were written to the WAL whole before, so this is its size between two
checkpoints. \`npm run bench -- --quick\` fails when one of these is above \`bench/budget.json\`.`,
  },
  {
    group: 'ceiling',
    title: 'The ceiling: the same rows by a bare loop',
    text: `The same PostgreSQL, the same tables with their indexes, constraints and triggers, genuine rows decided and
written out beforehand: one connection that locks the vendors, inserts, updates and commits, and does nothing else
(\`bench/compare\`). What the drain is measured against.`,
  },
  {
    group: 'compare',
    title: 'Compared: the service that one would write first',
    text: `The same Hono, zod and pg, judged by the same generator: one process between HTTP and PostgreSQL, one transaction
per request with \`SELECT … FOR UPDATE\`, no queue (\`bench/naive\`). It has the gateway's own door (hashed tokens and their
cache, rate limit, phone numbers, log lines, metrics), the ledger's own rules and the same rows, hash chain and all; it
publishes no events. Pooled and prepared, with the pool size that is fastest here out of 4, 8, 16 and 32; once more
with pipelined statements; once more with the Redis lock per vendor of the system that this one replaces (SET NX PX
with a token, released by a script, retried after a short random pause). pgbench is PostgreSQL's own yardstick: three
small updates, a select and an insert in a transaction, without any of these checks.`,
  },
  {
    group: 'bare',
    title: 'Compared: the bare shape',
    text: `The same hops and nothing else (\`bench/bare\`): Hono, the sales of one turn of the event loop in one message of the
log, one ledger, one statement a batch with hash chain, unique key, heads and cursor, one reply a batch. It looks for
no repeats, deadlines or leases, so it is no service; it says what this architecture costs. “All extras” is the same
with what a sale of the service passes, each as its library offers it.`,
  },
  {
    group: 'prices-alone',
    title: 'Prices: each extra alone',
    text: 'CPU of a sale beside the bare shape, 64 in flight, 10 vendors.',
  },
  {
    group: 'prices-missing',
    title: 'Prices: each extra missing from the whole',
    text: 'CPU of a sale beside the bare shape with all extras. Garbage costs more in company than alone.',
  },
  {
    group: 'history',
    title: 'History',
    text: `The same loads on books that hold more and more. The history is written by SQL, chains and hashes and all, with
triggers off; what is sold on top of it is not.`,
  },
  {
    group: 'audit',
    title: 'Audit',
    text: `A full audit of 10⁶ transactions of 1,000 vendors, as \`npm run reconcile -- --full --dry-run\` does it: every hash,
link, sum and decision anew. Its own process is the generator; CPU is for each transaction. The log holds none of the
commands, so what it costs to compare them is not in it.`,
  },
  {
    group: 'vendors',
    title: 'Number of vendors',
    text: 'The same loads, spread over fewer and over more vendors.',
  },
  {
    group: 'nats',
    title: 'nats-server',
    text: `The same loads on another nats-server, and with \`sync_interval: always\`: then a PubAck means that the command is
on the disk. Without it a power failure may take the log's tail, of which nobody who waits for outcomes was told.`,
  },
];
