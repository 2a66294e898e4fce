import { hostname, userInfo } from 'node:os';
import type { DeadLetterReason } from '@b2b-charge/contracts';
import type pg from 'pg';
import { checkResubmission } from '../dead-letters/check-resubmission.ts';
import { readKeyState } from '../dead-letters/key-state.ts';
import { getLetter, listLetters, parseLetterId, recordResubmission } from '../dead-letters/letters.ts';
import { awaitOutcome, publish } from '../dead-letters/publish.ts';
import { formatLetter, formatList, jsonOf } from './dead-letters/format.ts';
import { type CliSettings, openNats, openPool, readSettings } from './settings.ts';

const OUTCOME_WITHIN_MS = 10_000;

interface Printed {
  readonly text: string;
  readonly json: unknown;
}

/** Runs the work with the ledger's database, then closes it. */
async function withPool<T>(
  env: NodeJS.ProcessEnv,
  work: (pool: pg.Pool, settings: CliSettings) => Promise<T>,
): Promise<T> {
  const settings = readSettings(env, 'operator');
  const pool = openPool(settings);
  try {
    return await work(pool, settings);
  } finally {
    await pool.end();
  }
}

export const listDeadLetters = (
  env: NodeJS.ProcessEnv,
  { reason, limit, open }: { reason?: DeadLetterReason; limit: number; open?: boolean },
): Promise<Printed> =>
  withPool(env, async (pool) => {
    const letters = await listLetters(pool, { reason, limit, open: open ?? false });
    return { text: formatList(letters), json: letters.map(jsonOf) };
  });

/** Throws LetterRefusal if there is no such dead letter. */
export const showDeadLetter = (env: NodeJS.ProcessEnv, id: string): Promise<Printed> =>
  withPool(env, async (pool, { subjects }) => {
    const letter = await getLetter(pool, parseLetterId(id));
    const address = subjects.parseCommand(letter.subject);
    const key =
      address && letter.messageId ? await readKeyState(pool, address.vendorId, letter.messageId) : null;
    return { text: formatLetter(letter, key), json: jsonOf(letter) };
  });

/** Publishes the command again, or says what it would publish. Throws LetterRefusal with the reason if it cannot be. */
export const resubmitDeadLetter = (
  env: NodeJS.ProcessEnv,
  id: string,
  options: { messageId?: string; again?: boolean; note?: string; yes?: boolean },
): Promise<string> =>
  withPool(env, async (pool, settings) => {
    const { subjects } = settings;
    const { messageId, again = false, note = null } = options;
    const { letter, plan } = await checkResubmission(pool, subjects, { id, messageId, again });
    const summary = `${plan.subject}, message id ${plan.messageId}: ${new TextDecoder().decode(plan.payload)}`;
    if (!options.yes)
      return `This would be published:\n  ${summary}\nNothing was sent. Repeat with --yes to do it.`;
    const nc = await openNats(settings, 'operator');
    try {
      const seq = await publish(nc, plan);
      const by = { by: `cli:${userInfo().username}`, origin: hostname(), note };
      await recordResubmission(pool, letter, { messageId: plan.messageId, ...by });
      const outcome = await awaitOutcome(pool, plan, { seq, subjects, withinMs: OUTCOME_WITHIN_MS });
      const none = `none within ${OUTCOME_WITHIN_MS / 1_000} s: check that a ledger runs. It is executed soon, or never`;
      return `Sent: ${summary}\nOutcome: ${outcome ?? none}`;
    } finally {
      await nc.close();
    }
  });
