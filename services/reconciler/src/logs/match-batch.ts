import { hash } from 'node:crypto';
import { isService, parseMoney } from '@b2b-charge/contracts';
import type { Reader } from '../audit/snapshot.ts';
import { detailsAsSent } from '../domain/command-content.ts';
import { saltedFingerprint } from '../domain/command-fingerprint.ts';
import { finding, type NewFinding } from '../domain/finding.ts';
import type { LogScope } from './log-scope.ts';
import type { LoggedCommand } from './read-log.ts';

/** The transaction that holds a command's message id. */
interface OutcomeRow {
  n: number;
  seq: string;
  id: string;
  type: string;
  stream_epoch: number;
  stream_seq: string;
  fingerprint: string;
  amount: string;
  phone_number: string | null;
  phone_salt: string | null;
  erased: boolean;
  phone_commitment: string | null;
  principal: string;
  source: string;
  reference: string | null;
  resolves: string | null;
  details: string | null;
  stream: number;
  stream_index: number;
  created_ms: string;
}

const OUTCOMES = `SELECT i.n::int, t.seq, t.id, t.type, t.stream_epoch, t.stream_seq,
    encode(t.fingerprint, 'hex') AS fingerprint, t.amount, t.phone_number, encode(t.phone_salt, 'hex') AS phone_salt,
    t.phone_commitment IS NOT NULL AND t.phone_number IS NULL AS erased, t.principal, t.reference,
    encode(t.phone_commitment, 'hex') AS phone_commitment, t.source, t.resolves, t.details, t.stream, t.stream_index,
    (date_part('epoch', t.created_at) * 1000)::bigint AS created_ms
  FROM unnest($1::int[], $2::text[]) WITH ORDINALITY AS i (vendor_id, message_id, n)
  JOIN ledger.transactions t ON t.vendor_id = i.vendor_id AND t.message_id = i.message_id`;

/** Time never goes back along a chain: a row carries its predecessor's time when the clock was set back. */
const HELD_BACK = `SELECT p.created_at = t.created_at AS held_back
  FROM ledger.transactions t JOIN ledger.transactions p ON p.vendor_id = t.vendor_id AND p.seq = t.seq - 1
  WHERE t.vendor_id = $1 AND t.seq = $2`;

/** Commands that were read and not executed, by their place in the log. Lane 0 buries what stands on no lane. */
const UNEXECUTED = `SELECT DISTINCT i.n::int
  FROM unnest($1::int[], $2::int[], $3::bigint[], $4::text[])
    WITH ORDINALITY AS i (vendor_id, lane, stream_seq, message_id, n)
  WHERE EXISTS (SELECT FROM ledger.expirations e WHERE e.vendor_id = i.vendor_id
      AND e.stream_seq = i.stream_seq AND e.message_id = i.message_id)
    OR EXISTS (SELECT FROM ledger.dead_letters d WHERE d.lane IN (i.lane, 0) AND d.stream_seq = i.stream_seq
      AND coalesce(d.message_id, i.message_id) = i.message_id)`;

export interface BatchMatch {
  readonly findings: readonly NewFinding[];
  /** Vendors whose transaction stands at exactly the command's place, once for each. */
  readonly matched: readonly number[];
}

/** Holds a batch of commands, all of them decided, against the books. */
export async function matchBatch(
  reader: Reader,
  commands: readonly LoggedCommand[],
  scope: LogScope,
): Promise<BatchMatch> {
  const rows = await reader.query<OutcomeRow>(OUTCOMES, [
    commands.map((command) => command.vendorId),
    commands.map((command) => command.messageId),
  ]);
  const outcomes = Map.groupBy(rows, (row) => row.n - 1);
  const findings: NewFinding[] = [];
  const matched: number[] = [];
  const open: LoggedCommand[] = [];
  for (const [index, command] of commands.entries()) {
    const found = outcomes.get(index) ?? [];
    const streamEpoch = scope.readerOf(command.lane)?.streamEpoch ?? 0;
    const own = found.find(
      (row) => Number(row.stream_seq) === command.streamSeq && row.stream_epoch <= streamEpoch,
    );
    if (own) {
      findings.push(...compare(command, own), ...(await checkDeadline(reader, command, own)));
      if (own.stream_epoch === scope.partOf(command.vendorId!).streamEpoch) matched.push(command.vendorId!);
    } else if (!found.some((row) => stoodBefore(row, command, streamEpoch))) {
      open.push(command);
    }
  }
  findings.push(...(await explainOpen(reader, open)));
  return { findings, matched };
}

/** The key was bound by an earlier command: this one is a repeat, or was refused for using the key again. */
const stoodBefore = (row: OutcomeRow, command: LoggedCommand, streamEpoch: number): boolean =>
  row.stream_epoch < streamEpoch || Number(row.stream_seq) < command.streamSeq;

function compare(command: LoggedCommand, row: OutcomeRow): NewFinding[] {
  const differs = DIFFERENCES.filter(([, isDifferent]) => isDifferent(command, row)).map(([name]) => name);
  if (differs.length === 0) return [];
  return [
    finding({
      vendorId: command.vendorId,
      seq: Number(row.seq),
      transactionId: row.id,
      check: 'exactly-once',
      message: `the transaction is not what command ${command.streamSeq} (${command.messageId}) asked for: ${differs.join(', ')}`,
      expected: `${command.type} ${command.amount ?? ''} by ${principalOf(command)} (${fingerprintOf(command, row) ?? 'unreadable'})`,
      found: `${row.type} ${row.amount} minor units by ${row.principal} (${row.fingerprint})`,
    }),
  ];
}

/** Every column that a command determines, with the test that says whether the row has another value. */
const DIFFERENCES: readonly (readonly [string, (command: LoggedCommand, row: OutcomeRow) => boolean])[] = [
  ['type', ({ type }, row) => row.type !== (type === 'reverse' ? 'reversal' : type)],
  ['amount', ({ amount }, row) => ![null, BigInt(row.amount)].includes(parseMoney(amount ?? ''))],
  ['phone number', ({ phoneNumber }, row) => !row.erased && row.phone_number !== phoneNumber],
  ['phone commitment', hasOtherCommitment],
  ['fingerprint', hasOtherFingerprint],
  ['principal', (command, row) => row.principal !== principalOf(command)],
  ['source', ({ source }, row) => row.source !== source],
  ['reference', ({ reference }, row) => row.reference !== reference],
  ['details', ({ content }, row) => detailsAsSent(row.type, row.details) !== content?.details],
  ['reversed transaction', ({ content }, row) => row.resolves !== content?.resolves],
  ['place in the message', (_, row) => row.stream !== 0 || row.stream_index !== 0],
];

/** Without a salt of the command's own and after an erasure, nobody can compute it any more. */
function hasOtherFingerprint(command: LoggedCommand, row: OutcomeRow): boolean {
  if (row.erased && command.phoneSalt === null) return false;
  return fingerprintOf(command, row) !== row.fingerprint;
}

function hasOtherCommitment({ phoneNumber, phoneSalt }: LoggedCommand, row: OutcomeRow): boolean {
  const salt = phoneSalt ?? row.phone_salt;
  if (phoneNumber === null) return row.phone_commitment !== null;
  if (salt === null) return false;
  const bytes = Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(phoneNumber)]);
  return row.phone_commitment !== hash('sha256', bytes, 'hex');
}

/** By the salt that the command carries; without one the ledger made one, and the row has it. */
const fingerprintOf = ({ request, phoneSalt }: LoggedCommand, row: OutcomeRow): string | null =>
  request && saltedFingerprint(request, phoneSalt ?? row.phone_salt);

/** Services name who sent a command; anything else is its own principal. */
const principalOf = ({ source, principal }: LoggedCommand): string =>
  source !== null && isService(source) && principal !== '' ? principal : `system:${source}`;

async function checkDeadline(
  reader: Reader,
  { vendorId, messageId, expiresAtMs }: LoggedCommand,
  row: OutcomeRow,
): Promise<NewFinding[]> {
  if (expiresAtMs === null || Number(row.created_ms) < expiresAtMs) return [];
  const [place] = await reader.query<{ held_back: boolean }>(HELD_BACK, [vendorId, row.seq]);
  if (place?.held_back) return [];
  return [
    finding({
      check: 'bounded-doubt',
      message: `command ${messageId} was executed after its deadline`,
      vendorId,
      seq: Number(row.seq),
      transactionId: row.id,
      expected: `before ${new Date(expiresAtMs).toISOString()}`,
      found: new Date(Number(row.created_ms)).toISOString(),
    }),
  ];
}

async function explainOpen(reader: Reader, open: readonly LoggedCommand[]): Promise<NewFinding[]> {
  if (open.length === 0) return [];
  const rows = await reader.query<{ n: number }>(UNEXECUTED, [
    open.map((command) => command.vendorId),
    open.map((command) => command.lane),
    open.map((command) => command.streamSeq),
    open.map((command) => command.messageId),
  ]);
  const explained = new Set(rows.map((row) => row.n - 1));
  return open
    .filter((_, index) => !explained.has(index))
    .map((command) =>
      finding({
        check: 'no-silent-loss',
        message: `command ${command.streamSeq} (${command.messageId}) was read and has no outcome`,
        vendorId: command.vendorId,
        expected: 'a transaction, an expiration or a dead letter',
        found: 'nothing',
      }),
    );
}
