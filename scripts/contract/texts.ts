import type { VendorCallName } from '@b2b-charge/contracts';

/** What the generated page says in words; figures and names come from the contracts. */
export const HEAD = `# The contract with internal systems

Made from the schemas that validate the messages (\`npm run contract\`); [asyncapi.json](asyncapi.json) is the same as an
AsyncAPI 3 document, [schemas](schemas) has a JSON Schema per message and version. [internal-systems.md](internal-systems.md)
shows a whole session, with examples.
`;

export const ASKED: Readonly<Record<VendorCallName, string>> = {
  'ledger.query.outcome': 'what became of a command, by its `Message-Id`',
  'ledger.query.vendor': 'balance, limits and state of the vendor',
  'ledger.query.transactions': 'its transactions, filtered, page by page: all of them, however old',
};

export const LANES = `The lane is FNV-1a (32 bits) over the decimal vendor id, modulo the number of lanes, 16 unless your operator says
otherwise; [lane-vectors.json](lane-vectors.json) has vectors to test yours with. It is the hash of NATS' own \`partition()\`
subject mapping. On a wrong lane nothing is executed: a NATS user may publish on the right ones alone, and what comes
there all the same becomes a dead letter.
`;

export const OUTCOMES = `## Outcomes

A command has exactly one outcome, for ever. It is sent after the commit, on the subject of the \`Reply-Token\`:

| \`outcome\` | meaning | the key |
|---|---|---|
| \`posted\` | it is done: \`transaction\` | bound for ever; a repeat gets this outcome, \`replayed: true\` |
| \`rejected\` | it was decided, and refused: \`code\` says why | bound for ever, in the same way |
| \`expired\` | its deadline had passed: nothing was done | free |
| \`dead-letter\` | it could not be executed: \`reason\` and \`detail\` say why | free |

Rejected is not an error of the transport: do not repeat it, it stays rejected. To sell after all, send another command.
`;

export const DEAD_LETTERS = `## Dead letters

What cannot be executed is kept for the operators and answered to the sender, if it gave a usable \`Reply-Token\`. The lane goes on
at once.
`;

export const VERSIONS = `## Versions

Each body's schema has a name with a version, \`charge.v1\`, in the \`Content-Type\`.

- **What you send is strict.** A published command schema never changes: a field more, or another meaning, is \`charge.v2\`. The
  ledger that learns \`charge.v2\` goes on taking \`charge.v1\` until every publisher has moved, at least six months.
- **What you receive may grow.** Outcomes, events and answers may get further fields, codes and reasons: ignore fields that you
  do not know, and take a code that you do not know for a refusal. Nothing is renamed or removed without new subjects.
- **An unknown version is never guessed at.** The command becomes a dead letter (\`UNKNOWN_SCHEMA\`), the sender is told so
  at once, and the key stays free: the same command under the same key is executed as soon as it names a version that the ledger
  knows. So deploy the ledger before the publishers, and learn by the first answer if it was the other way round.
- **Subjects, headers, lanes** are part of the contract. Another number of lanes (\`npx b2b lanes repartition\`) means other
  subjects: every publisher gets the new number, and \`npm run nats-user -- sync --lanes N\` writes their permissions anew.
`;
