import { hash } from 'node:crypto';

/** What a checkpoint attests: the books of all vendors at one moment. Vendors read it, so it holds no sum in the clear. */
export interface CheckpointFacts {
  readonly number: number;
  readonly takenAt: string;
  /** Commitment to the sums over all vendors: see sumsCommitment. */
  readonly sums: string;
  readonly currency: string;
  /** Merkle root over all vendors' heads. */
  readonly root: string;
  /** Merkle root over the heads that are new in this checkpoint. */
  readonly changes: string;
  /** SHA-256 of the statement before; zeros in the first. */
  readonly previous: string;
}

/** What the commitment of a statement opens to: numbers over all vendors, for auditors. */
export interface CheckpointSums {
  readonly vendors: number;
  readonly transactions: bigint;
  /** Minor units. */
  readonly balance: bigint;
  /** LEDGER_EVENTS was compared with the books up to this sequence. */
  readonly eventsSeq: number;
}

const TITLE = 'b2b-charge checkpoint v1';
const FIELDS = ['number', 'taken_at', 'sums', 'currency', 'root', 'changes', 'previous'];
const PATTERNS = [/^[0-9]+$/, /./, /^[0-9a-f]{64}$/, /^[A-Z]{3}$/, /./, /./, /./];

/** The text that is signed: a title and one `name: value` per line, LF between them, none at the end. */
export function checkpointStatement(facts: CheckpointFacts): string {
  const { number, takenAt, sums, currency, root, changes, previous } = facts;
  const values = [number, takenAt, sums, currency, root, changes, previous];
  return [TITLE, ...FIELDS.map((name, index) => `${name}: ${values[index]}`)].join('\n');
}

/** Null if the text is no statement of a checkpoint. */
export function parseCheckpointStatement(text: string): CheckpointFacts | null {
  const [title, ...lines] = text.split('\n');
  if (title !== TITLE || lines.length !== FIELDS.length) return null;
  const values: string[] = [];
  for (const [index, name] of FIELDS.entries()) {
    const line = lines[index]!;
    const value = line.slice(name.length + 2);
    if (!line.startsWith(`${name}: `) || !PATTERNS[index]!.test(value)) return null;
    values.push(value);
  }
  const [number, takenAt, sums, currency, root, changes, previous] = values as [
    ...[string, string, string, string, string, string, string],
  ];
  return { number: Number(number), takenAt, sums, currency, root, changes, previous };
}

/** The text of the sums, as it is stored and committed to: "vendors transactions balance events". */
export const sumsText = ({ vendors, transactions, balance, eventsSeq }: CheckpointSums): string =>
  [vendors, transactions, balance, eventsSeq].join(' ');

/** Null if the text holds no sums. */
export function parseSums(text: string): CheckpointSums | null {
  const match = /^([0-9]{1,15}) ([0-9]{1,30}) (-?[0-9]{1,30}) ([0-9]{1,15})$/.exec(text);
  if (!match) return null;
  return {
    vendors: Number(match[1]),
    transactions: BigInt(match[2]!),
    balance: BigInt(match[3]!),
    eventsSeq: Number(match[4]),
  };
}

/** SHA-256, in hex, over the salt in hex, a line feed and the text of the sums. `salt` has 32 random bytes. */
export const sumsCommitment = (salt: Buffer, text: string): string =>
  hash('sha256', `${salt.toString('hex')}\n${text}`, 'hex');

/** A vendor's head as the leaf of the tree: every number that a later audit starts from. */
export function headLeaf(head: {
  vendor_id: number;
  seq: string;
  balance: string;
  held: string;
  hash: string;
  charged_day: string;
  charged: string;
  added_all: string;
  taken_all: string;
  status: string;
  daily_limit: string | null;
  /** Random: the root tells nothing of a head to those who guess. */
  salt: string;
}): string {
  return [
    head.vendor_id,
    head.seq,
    head.balance,
    head.held,
    head.hash,
    head.charged_day,
    head.charged,
    head.added_all,
    head.taken_all,
    head.status,
    head.daily_limit ?? 'none',
    head.salt,
  ].join(' ');
}
