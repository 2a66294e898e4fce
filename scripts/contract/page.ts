import {
  createSubjects,
  DEAD_LETTER_REASONS,
  type DeadLetterReason,
  eventConsumersOf,
  HEADER_RULES,
  REJECTIONS,
  type Rejection,
  SYSTEM_COMMANDS,
  VENDOR_CALLS,
} from '@b2b-charge/contracts';
import { EXAMPLE, permissions } from './asyncapi.ts';
import { fieldTable, table } from './markdown.ts';
import { SCHEMAS } from './schemas.ts';
import { ASKED, DEAD_LETTERS, HEAD, LANES, OUTCOMES, VERSIONS } from './texts.ts';

const REJECTED: Readonly<Record<Rejection, string>> = {
  INSUFFICIENT_BALANCE: 'the balance does not cover it; `details` has the balance',
  DAILY_LIMIT_EXCEEDED:
    'it would exceed what the vendor may sell on one business day; `details` has the limit and what is used',
  VENDOR_INACTIVE: 'the vendor is suspended',
  IDEMPOTENCY_KEY_REUSED:
    'another command has this key: `details.first_transaction_id`. Leaves no transaction and no event',
  ALREADY_REVERSED: 'the charge was reversed before',
  NOT_REVERSIBLE: 'there is no such charge of this vendor, or it is none',
  VENDOR_EXISTS: 'the vendor was opened before',
  HISTORY_INCONSISTENT: 'a rebuild found transactions that do not add up: nothing is changed',
  BALANCE_LIMIT_EXCEEDED: 'the balance would exceed what can be held',
};

const BURIED: Readonly<Record<DeadLetterReason, string>> = {
  MALFORMED: 'a subject, header or body that is not by this contract; `detail` says what',
  UNKNOWN_SCHEMA: 'the Content-Type names no schema, or a version, that this ledger knows',
  UNKNOWN_VENDOR: 'the vendor has not been opened',
  WRONG_LANE: 'the lane of the subject is not the lane of the vendor: another number of lanes',
  NOT_PERMITTED: `an internal system may send ${SYSTEM_COMMANDS.join(', ')} commands alone, and under no key that looks like the services' own`,
  FAILED: 'the database refused it, alone and repeatedly: a defect of ours',
};

const streams = createSubjects().streams;

const SUBJECTS: readonly (readonly string[])[] = [
  [
    '`ledger.commands.<lane>.<source>.<vendor>`',
    'you publish',
    `a command; stored in \`${streams.commands}\``,
  ],
  [
    '`ledger.outcomes.<source>.<client>.<n>`',
    'you subscribe',
    'the one answer to a command, for its `Reply-Token`',
  ],
  [
    '`ledger.events.<vendor>.<type>`',
    'you subscribe, or read by a durable consumer',
    `every transaction; seven days of it in \`${streams.events}\``,
  ],
  ...VENDOR_CALLS.map((name) => [`\`${name}.<vendor>\``, 'you ask (request/reply)', ASKED[name]]),
  [
    '`ledger.dead-letters.<lane>`',
    'operators read',
    `what could not be executed; in \`${streams.deadLetters}\``,
  ],
  ['`audit.reports`', 'operators read', `what every audit found; in \`${streams.reports}\``],
];

/** docs/asyncapi.md */
export const contractPage = (): string =>
  [
    HEAD,
    '## Subjects',
    '',
    table(['subject', 'who', 'what'], SUBJECTS),
    '',
    LANES,
    '## Headers of a command',
    '',
    table(
      ['header', 'required', 'meaning', 'example'],
      HEADER_RULES.map(({ name, required, meaning, example }) => [
        `\`${name}\``,
        required ? '**yes**' : '–',
        meaning,
        `\`${example}\``,
      ]),
    ),
    '',
    '## Commands',
    '',
    `An internal system sends ${SYSTEM_COMMANDS.map((type) => `\`${type}\``).join(', ')} commands; the others are for the services. An unknown field is refused (\`MALFORMED\`): what is not understood is not executed.`,
    '',
    ...Object.keys(SCHEMAS)
      .filter((name) => SCHEMAS[name]!.title?.toString().startsWith('A command:'))
      .flatMap((name) => [`### ${name}`, '', fieldTable(SCHEMAS[name]!), '']),
    OUTCOMES,
    table(
      ['code', 'meaning'],
      REJECTIONS.map((code) => [`\`${code}\``, REJECTED[code]]),
    ),
    '',
    DEAD_LETTERS,
    table(
      ['reason', 'meaning'],
      DEAD_LETTER_REASONS.map((reason) => [`\`${reason}\``, BURIED[reason]]),
    ),
    '',
    '## The transaction',
    '',
    'In every outcome and event that left one. Fields may be added: ignore what you do not know.',
    '',
    fieldTable(transactionOf(SCHEMAS['event.v1']!)),
    '',
    VERSIONS,
    '## Permissions',
    '',
    `What each NATS user may publish and subscribe to; nothing else. \`${EXAMPLE.name}\` stands for an internal system of the vendors ${EXAMPLE.vendors.join(' and ')}, with ${EXAMPLE.lanes} lanes: \`npm run nats-user\` makes them. It follows a vendor by the durable consumers \`${eventConsumersOf(EXAMPLE.name, 12).join('` and `')}\`.`,
    '',
    ...Object.entries(permissions()).flatMap(([name, { publish, subscribe }]) => [
      `### ${name}`,
      '',
      table(
        ['publish', 'subscribe'],
        Array.from({ length: Math.max(publish.length, subscribe.length) }, (_, row) => [
          code(publish[row]),
          code(subscribe[row]),
        ]),
      ),
      '',
    ]),
  ].join('\n');

const code = (text: string | undefined): string => (text === undefined ? '' : `\`${text}\``);

function transactionOf(event: { readonly [name: string]: unknown }) {
  const [posted] = event.oneOf as { properties: { transaction: typeof event } }[];
  return posted!.properties.transaction;
}
