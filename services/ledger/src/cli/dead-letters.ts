import { hostname, userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { DEAD_LETTER_REASONS } from '@b2b-charge/contracts';
import type pg from 'pg';
import { checkResubmission } from '../dead-letters/check-resubmission.ts';
import { readKeyState } from '../dead-letters/key-state.ts';
import { getLetter, listLetters, parseLetterId, recordResubmission } from '../dead-letters/letters.ts';
import { awaitOutcome, publish } from '../dead-letters/publish.ts';
import { RESUBMITTED_LIVES_MS } from '../dead-letters/resubmission.ts';
import { formatLetter, formatList, jsonOf } from './dead-letters/format.ts';
import { runCli } from './run-cli.ts';
import { type CliSettings, openNats, openPool, readSettings } from './settings.ts';
import { UsageError } from './usage-error.ts';

const USAGE = `Commands that could not be executed: where they stood in the log, what they were, and why.

  npm run dead-letters -- list [--reason R] [--open] [--limit N] [--json]
  npm run dead-letters -- show <lane>/<epoch>/<seq> [--json]
  npm run dead-letters -- resubmit <lane>/<epoch>/<seq> [--message-id ID] [--again] [--note WHY] [--yes]

Reasons: ${DEAD_LETTER_REASONS.join(', ')}. --open leaves out what was sent again.

resubmit puts the same payload into the log once more, on the lane that is right, to be executed within ${RESUBMITTED_LIVES_MS / 1_000} s or
never. It keeps its message id, so that a sale which the vendor has repeated in the meantime is not sold twice; without
--yes it only says what it would do. --again sends one that was sent again before. Who did it, and the
--note, are kept.

Settings: DATABASE_URL (the ledger's role), NATS_URL and NATS_NKEY_SEED (of the NATS user "operator", for resubmit) from
the environment, or those of the local stack that runs (.local/stack.json).
`;

const MAX_LISTED = 1_000;
const OUTCOME_WITHIN_MS = 10_000;

await runCli(USAGE, async (args) => {
  const { values, positionals } = parse(args);
  const [command, id, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError(`too many words: ${rest.join(' ')}\n\n${USAGE}`);
  const settings = readSettings(process.env, 'operator');
  const pool = openPool(settings);
  try {
    switch (command) {
      case 'list':
        return await list(pool, values);
      case 'show':
        return await show(pool, id, { ...settings, json: values.json });
      case 'resubmit':
        return await resubmit(pool, settings, { id, ...values });
      default:
        throw new UsageError(`unknown command: ${command ?? '(none)'}\n\n${USAGE}`);
    }
  } finally {
    await pool.end();
  }
});

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        reason: { type: 'string' },
        limit: { type: 'string', default: '50' },
        open: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        'message-id': { type: 'string' },
        again: { type: 'boolean', default: false },
        note: { type: 'string' },
        yes: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}\n\n${USAGE}`, { cause });
  }
}

type Values = ReturnType<typeof parse>['values'];

async function list(pool: pg.Pool, { reason, limit, open, json }: Values): Promise<string> {
  if (reason !== undefined && !DEAD_LETTER_REASONS.some((known) => known === reason))
    throw new UsageError(`--reason is one of ${DEAD_LETTER_REASONS.join(', ')}`);
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > MAX_LISTED)
    throw new UsageError(`--limit is a number from 1 to ${MAX_LISTED}`);
  const letters = await listLetters(pool, { reason, limit: count, open });
  return json ? JSON.stringify(letters.map(jsonOf), null, 2) : formatList(letters);
}

async function show(
  pool: pg.Pool,
  id: string | undefined,
  { subjects, json }: Pick<CliSettings, 'subjects'> & { json: boolean },
): Promise<string> {
  const letter = await getLetter(pool, parseLetterId(id));
  if (json) return JSON.stringify(jsonOf(letter), null, 2);
  const address = subjects.parseCommand(letter.subject);
  const asked = address && letter.messageId;
  return formatLetter(letter, asked ? await readKeyState(pool, address.vendorId, letter.messageId) : null);
}

async function resubmit(
  pool: pg.Pool,
  settings: CliSettings,
  { id, 'message-id': messageId, again, note, yes }: Values & { id: string | undefined },
): Promise<string> {
  const { subjects } = settings;
  const { letter, plan } = await checkResubmission(pool, subjects, { id, messageId, again });
  const summary = `${plan.subject}, message id ${plan.messageId}: ${new TextDecoder().decode(plan.payload)}`;
  if (!yes) return `This would be published:\n  ${summary}\nNothing was sent. Repeat with --yes to do it.`;
  const nc = await openNats(settings, 'operator');
  try {
    const seq = await publish(nc, plan);
    const { username } = userInfo();
    const by = { by: `cli:${username}`, origin: hostname(), note: note ?? null };
    await recordResubmission(pool, letter, { messageId: plan.messageId, ...by });
    const outcome = await awaitOutcome(pool, plan, { seq, subjects, withinMs: OUTCOME_WITHIN_MS });
    const unknown = `none within ${OUTCOME_WITHIN_MS / 1_000} s: is a ledger running? It is executed soon, or never`;
    return `Sent: ${summary}\nOutcome: ${outcome ?? unknown}`;
  } finally {
    await nc.close();
  }
}
