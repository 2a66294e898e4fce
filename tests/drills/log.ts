import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Fleet, FleetProcess } from '@b2b-charge/stack';
import type pg from 'pg';
import { readStream } from '../chaos/check/streams.ts';
import { runB2b } from '../run-tool.ts';

/** JetStream's files. Changed only while the server is down; copied at an instant, as a snapshot of its disk would be. */
export function logStore({ nats, folder }: Fleet) {
  const store = path.join(folder, 'nats', 'store');
  const copy = path.join(folder, 'nats-store-copy');
  return {
    async copy() {
      await nats.kill('SIGSTOP');
      cpSync(store, copy, { recursive: true });
      await nats.kill('SIGCONT');
    },
    destroy: () => rmSync(store, { recursive: true }),
    putBack() {
      rmSync(store, { recursive: true });
      cpSync(copy, store, { recursive: true });
    },
    /** One stream's messages alone: consumers' positions stay. */
    putBackMessages(stream: string) {
      const [now, then] = [store, copy].map((at) =>
        path.join(at, 'jetstream/ledger/streams', stream, 'msgs'),
      );
      rmSync(now!, { recursive: true });
      cpSync(then!, now!, { recursive: true });
    },
  };
}

/** `npx b2b migrate`: what an operator does when the streams are gone. */
export async function createStreams({ databaseUrl, nats, secrets }: Fleet): Promise<void> {
  const operator = { NATS_URL: nats.url, NATS_NKEY_SEED: secrets.nats.operator };
  const { status, stderr } = await runB2b(['migrate'], {
    env: { DATABASE_URL: databaseUrl, ...operator },
  });
  if (status !== 0) throw new Error(`npx b2b migrate: ${stderr}`);
}

export async function whileFrozen(
  members: readonly FleetProcess[],
  work: () => Promise<void>,
): Promise<void> {
  const pids = members.flatMap(({ process: { pid } }) => (pid ? [pid] : []));
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    await work();
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
}

/** Commands in the log that no lane's cursor has passed, as "vendor key". */
export async function undecided(fleet: Fleet, db: pg.Pool): Promise<string[]> {
  const { rows } = await db.query<{ lane: number; cursor_seq: string }>(
    'SELECT lane, cursor_seq FROM ledger.lanes',
  );
  const cursors = new Map(rows.map(({ lane, cursor_seq }) => [lane, Number(cursor_seq)]));
  const found: string[] = [];
  const nc = await fleet.connect('operator');
  await readStream(nc, 'LEDGER_COMMANDS', (batch) => {
    for (const { subject, seq, headers } of batch) {
      const [, , lane, , vendor] = subject.split('.');
      if (seq > (cursors.get(Number(lane)) ?? 0)) found.push(`${vendor} ${headers?.get('Message-Id')}`);
    }
  });
  await nc.close();
  return found;
}
