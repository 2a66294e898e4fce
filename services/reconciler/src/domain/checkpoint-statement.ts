/** What a checkpoint vouches for: the books of all vendors at one moment. */
export interface CheckpointFacts {
  readonly number: number;
  readonly takenAt: string;
  readonly vendors: number;
  readonly transactions: bigint;
  /** Minor units, over all vendors. */
  readonly balance: bigint;
  readonly currency: string;
  /** Merkle root over all vendors' heads. */
  readonly root: string;
  /** Merkle root over the heads that are new in this checkpoint. */
  readonly changes: string;
  /** SHA-256 of the statement before; zeros in the first. */
  readonly previous: string;
}

const TITLE = 'b2b-charge checkpoint v1';
const FIELDS = [
  'number',
  'taken_at',
  'vendors',
  'transactions',
  'balance',
  'currency',
  'root',
  'changes',
  'previous',
];

/** The text that is signed: a title and one `name: value` per line, LF between them, none at the end. */
export function checkpointStatement(facts: CheckpointFacts): string {
  const { number, takenAt, vendors, transactions, balance, currency, root, changes, previous } = facts;
  const values = [number, takenAt, vendors, transactions, balance, currency, root, changes, previous];
  return [TITLE, ...FIELDS.map((name, index) => `${name}: ${values[index]}`)].join('\n');
}

/** Null if the text is no statement of a checkpoint. */
export function parseCheckpointStatement(text: string): CheckpointFacts | null {
  const [title, ...lines] = text.split('\n');
  if (title !== TITLE || lines.length !== FIELDS.length) return null;
  const values: string[] = [];
  for (const [index, name] of FIELDS.entries()) {
    const line = lines[index]!;
    if (!line.startsWith(`${name}: `)) return null;
    values.push(line.slice(name.length + 2));
  }
  const [number, takenAt, vendors, transactions, balance, currency, root, changes, previous] = values as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (![number, vendors, transactions, balance].every((value) => /^-?[0-9]+$/.test(value))) return null;
  if (!/^[A-Z]{3}$/.test(currency)) return null;
  return {
    number: Number(number),
    takenAt,
    vendors: Number(vendors),
    transactions: BigInt(transactions),
    balance: BigInt(balance),
    currency,
    root,
    changes,
    previous,
  };
}

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
  ].join(' ');
}
