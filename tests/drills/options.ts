import { numberIn, readArguments, UsageError } from '../../scripts/options.ts';
import { DRILLS } from './index.ts';
import { NETWORKS } from './network/cluster-network.ts';

export const USAGE = `Usage: npm run drills -- [options]

Starts servers and services of its own, breaks them while clients sell, and proves the books afterwards: against what the
clients were told, the command log, the events, the copies in Redis, and by a full audit. One table at the end. Exit code 0
if nothing was lost or doubled and every audit is clean, 1 if not, 2 for an option that makes no sense.

  --list               what there is
  --only A,B,…         only these
  --seconds N          how long to sell before and after each blow (8 unless given; 0.5 to 600)
  --network KIND       what lies between the servers of a cluster: namespaces (each has a host of its own; takes root and
                       iproute2) or proxies (on loopback, where no host can vanish). Namespaces, where they can be had
  --nats-binary PATH   another nats-server than the machine's (NATS_SERVER_BIN does the same)
  --help               this text
`;

const SECONDS = [0.5, 600] as const;

/** Throws UsageError. */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv) {
  const { values } = readArguments({
    args: [...args],
    options: {
      list: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      seconds: { type: 'string', default: '8' },
      network: { type: 'string' },
      'nats-binary': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { help, list, only, seconds, network: wish, 'nats-binary': natsBinary } = values;
  const names = only?.flatMap((text) => text.split(',').map((name) => name.trim()));
  for (const name of names ?? []) {
    if (!DRILLS.some((drill) => drill.name === name))
      throw new UsageError(`--only: there is no drill ${JSON.stringify(name)}; --list names them`);
  }
  const network = NETWORKS.find((name) => name === wish);
  if (wish !== undefined && !network)
    throw new UsageError(`--network ${wish}: it is one of ${NETWORKS.join(', ')}`);
  return {
    help,
    list,
    network,
    drills: DRILLS.filter(({ name }) => names === undefined || names.includes(name)),
    sellMs: numberIn({ seconds }, 'seconds', SECONDS) * 1_000,
    natsBinary: natsBinary ?? (environment.NATS_SERVER_BIN || undefined),
  };
}
