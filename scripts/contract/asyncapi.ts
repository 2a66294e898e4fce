import {
  COMMAND_SCHEMAS,
  contentType,
  createSubjects,
  HEADER_RULES,
  HEADERS,
  type NatsPermissions,
  natsPermissions,
  SYSTEM_COMMANDS,
  systemPermissions,
  TRANSACTION_TYPES,
  VENDOR_CALLS,
} from '@b2b-charge/contracts';
import { type JsonSchema, SCHEMAS } from './schemas.ts';

const subjects = createSubjects();
const COMMANDS = Object.keys(COMMAND_SCHEMAS);

/** The system whose permissions serve as the example. */
export const EXAMPLE = { name: 'billing', vendors: [12, 15], lanes: 16 };

const PARAMETERS = {
  lane: 'fnv1a32(vendor) modulo the number of lanes (16 unless configured): docs/lane-vectors.json has test vectors',
  source: 'The name of the publishing system; its permissions allow no other',
  vendor: 'The id of the vendor, in decimal',
  client: 'The first half of the Reply-Token: one process or connection of the system',
  n: 'The second half of the Reply-Token: one command',
  type: `${TRANSACTION_TYPES.join(', ')}, each with -posted or -rejected, e.g. charge-posted`,
} as const;

const ref = (path: string): JsonSchema => ({ $ref: `#/${path}` });
const messages = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, ref(`components/messages/${name}`)]));

/** `{name}` in an address is one of PARAMETERS. */
function channel(address: string, description: string, names: readonly string[]): JsonSchema {
  const used = [...address.matchAll(/\{([a-z]+)\}/g)].map(([, name]) => name as keyof typeof PARAMETERS);
  return {
    address,
    description,
    messages: messages(...names),
    ...(used.length === 0
      ? {}
      : { parameters: Object.fromEntries(used.map((name) => [name, { description: PARAMETERS[name] }])) }),
  };
}

function operation(action: 'send' | 'receive', to: string, summary: string, names: readonly string[]) {
  return {
    action,
    channel: ref(`channels/${to}`),
    summary,
    messages: names.map((name) => ref(`channels/${to}/messages/${name}`)),
  };
}

/** The AsyncAPI 3 document of what the ledger receives and sends, from the schemas that validate. */
export function describeContract(): JsonSchema {
  const questions = VENDOR_CALLS.map((name) => [name, `${name}.request.v1`, `${name}.reply.v1`] as const);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'B2B Charge Service: the ledger over NATS',
      version: '1.0.0',
      description:
        'Internal systems publish charges straight onto the command log and follow what becomes of them. docs/internal-systems.md shows it step by step; docs/asyncapi.md is this document to read.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: {
      production: {
        host: 'nats.example.com:4222',
        protocol: 'nats',
        description: 'TLS; each system has a user of its own, known by its nkey (npm run nats-user)',
        security: [ref('components/securitySchemes/nkey')],
      },
    },
    channels: {
      commands: channel(
        'ledger.commands.{lane}.{source}.{vendor}',
        `Stored in the stream ${subjects.streams.commands}. An acknowledgement of JetStream says only that the log has the command, not that it was executed.`,
        COMMANDS,
      ),
      outcomes: channel(
        'ledger.outcomes.{source}.{client}.{n}',
        'The one answer to a command, sent once, after the commit. A lost one is made good by asking.',
        ['outcome.v1'],
      ),
      events: channel(
        'ledger.events.{vendor}.{type}',
        `Every transaction, at least once, in the order of its vendor; seven days of it in the stream ${subjects.streams.events}. Nats-Msg-Id is the id of the transaction, Command the place of its command in the log (stream epoch/sequence), Decided-At when it was decided (ms since 1970).`,
        ['event.v1'],
      ),
      deadLetters: channel(
        'ledger.dead-letters.{lane}',
        `What could not be executed, for operators, in the stream ${subjects.streams.deadLetters}.`,
        ['dead-letter.v1'],
      ),
      auditReports: channel(
        subjects.auditReports,
        `What every audit found, with the newest signed checkpoint, in the stream ${subjects.streams.reports}.`,
        ['audit-report.v1'],
      ),
      ...Object.fromEntries(
        questions.flatMap(([name, request, reply]) => [
          [name, channel(`${name}.{vendor}`, 'A question about one vendor, asked by request.', [request])],
          [
            `${name}.reply`,
            { address: null, description: 'The inbox of who asks.', messages: messages(reply) },
          ],
        ]),
      ),
    },
    operations: {
      takeCommand: {
        ...operation(
          'receive',
          'commands',
          'The ledger takes a command from the log and decides it',
          COMMANDS,
        ),
        reply: {
          address: { location: `$message.header#/${HEADERS.replyToken}` },
          channel: ref('channels/outcomes'),
          messages: [ref('channels/outcomes/messages/outcome.v1')],
        },
      },
      sendOutcome: operation('send', 'outcomes', 'The ledger answers a command', ['outcome.v1']),
      announce: operation('send', 'events', 'The ledger announces a transaction', ['event.v1']),
      bury: operation('send', 'deadLetters', 'The ledger buries what it cannot execute', ['dead-letter.v1']),
      reportAudit: operation('send', 'auditReports', 'The reconciler reports', ['audit-report.v1']),
      ...Object.fromEntries(
        questions.map(([name, request, reply]) => [
          `answer.${name}`,
          {
            ...operation('receive', name, 'Any ledger process answers', [request]),
            reply: {
              channel: ref(`channels/${name}.reply`),
              messages: [ref(`channels/${name}.reply/messages/${reply}`)],
            },
          },
        ]),
      ),
    },
    components: {
      securitySchemes: {
        nkey: {
          type: 'asymmetricEncryption',
          description: 'The server knows the public key, the system the seed',
        },
      },
      messages: Object.fromEntries(Object.keys(SCHEMAS).map((name) => [name, describeMessage(name)])),
      schemas: Object.fromEntries(
        Object.entries(SCHEMAS).map(([name, { $schema: _, $id: __, ...schema }]) => [name, schema]),
      ),
    },
    'x-permissions': permissions(),
  };
}

function describeMessage(name: string): JsonSchema {
  const isCommand = name in COMMAND_SCHEMAS;
  const isEvent = name === 'event.v1';
  return {
    name,
    title: SCHEMAS[name]!.title,
    contentType: isCommand ? contentType(name) : 'application/json',
    ...(isCommand ? { headers: commandHeaders(name) } : {}),
    ...(isEvent ? { headers: eventHeaders() } : {}),
    payload: ref(`components/schemas/${name}`),
  };
}

function commandHeaders(name: string): JsonSchema {
  const properties = HEADER_RULES.map(({ name: header, pattern, meaning, example }) => [
    header,
    header === HEADERS.contentType
      ? { type: 'string', const: contentType(name), description: meaning }
      : { type: 'string', pattern, description: meaning, examples: [example] },
  ]);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required: HEADER_RULES.filter(({ required }) => required).map(({ name: header }) => header),
  };
}

const eventHeaders = (): JsonSchema => ({
  type: 'object',
  properties: { [HEADERS.natsMessageId]: { type: 'string', description: 'The id of the transaction' } },
  required: [HEADERS.natsMessageId],
});

/** What each user may do: the services, and internal systems by the example of one. */
export function permissions(): Record<string, NatsPermissions & { readonly commands?: readonly string[] }> {
  const { lanes } = EXAMPLE;
  const users = { ...natsPermissions(), [EXAMPLE.name]: systemPermissions(EXAMPLE, { lanes }) };
  const shown = Object.entries(users).map(([name, { publish, subscribe }]) => [
    name,
    { ...(name === EXAMPLE.name ? { commands: SYSTEM_COMMANDS } : {}), publish, subscribe },
  ]);
  return Object.fromEntries(shown);
}
