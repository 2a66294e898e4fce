import type { NatsUser } from '@b2b-charge/stack';
import { createUser } from '@nats-io/nkeys';
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import type { Findings } from '../chaos/check/findings.ts';
import type { NatsCluster } from './nats-cluster.ts';

const LOG = 'LEDGER_COMMANDS';
const AT_ONCE = 200;
const ANSWER_MS = 5_000;

/** Reads each server's own copy of the log; a consumer reads one of them, and nobody knows which. */
export class CopyReader {
  readonly #key = createUser();

  /** Who may read copies; nobody in a real deployment needs to. */
  get user(): NatsUser {
    const permissions = { publish: [`$JS.API.DIRECT.GET.${LOG}`], subscribe: ['_INBOX.>'] };
    return { name: 'copies', publicKey: this.#key.getPublicKey(), permissions };
  }

  /** Finds every number under which the servers do not hold the same message, up to the log's end. */
  async compare({ members }: NatsCluster, end: number, findings: Findings): Promise<void> {
    const authenticator = nkeyAuthenticator(this.#key.getSeed());
    const connections = await Promise.all(members.map(({ url }) => connect({ servers: url, authenticator })));
    try {
      for (let from = 1; from <= end; from += AT_ONCE) {
        const to = Math.min(end, from + AT_ONCE - 1);
        const copies = await Promise.all(connections.map((nc) => readCopy(nc, from, to)));
        for (let index = 0; index <= to - from; index++) {
          const held = copies.map((copy) => copy[index]!);
          if (new Set(held).size === 1) continue;
          const each = held.map((what, member) => `server ${member + 1} ${what}`).join(', ');
          findings.add('serial', `log ${from + index}: the servers' copies differ: ${each}`);
        }
      }
    } finally {
      await Promise.all(connections.map((nc) => nc.close()));
    }
  }
}

/** A server answers its own clients from its own copy. */
function readCopy(nc: NatsConnection, from: number, to: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: to - from + 1 }, async (_, index) => {
      const request = JSON.stringify({ seq: from + index });
      const { headers } = await nc.request(`$JS.API.DIRECT.GET.${LOG}`, request, { timeout: ANSWER_MS });
      if (headers?.hasError) return 'nothing';
      return `${headers?.get('Nats-Subject')} ${headers?.get('Message-Id')}`;
    }),
  );
}
