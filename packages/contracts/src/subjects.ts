import { parseVendorId, type VendorId } from './ids.ts';
import { laneOf } from './lanes.ts';
import type { VendorCallName } from './queries.ts';

/** Names of publishing systems and of their clients: one NATS token. */
export const TOKEN = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Every subject and stream name of the system. A namespace (one token) keeps several systems apart on one server. */
export interface Subjects {
  readonly streams: {
    readonly commands: string;
    readonly events: string;
    readonly deadLetters: string;
    readonly reports: string;
  };
  readonly allCommands: string;
  readonly allEvents: string;
  readonly allDeadLetters: string;
  readonly auditReports: string;
  /** "*" for the lane or the vendor makes it a filter. */
  command(lane: number | '*', source: string, vendorId: number | '*'): string;
  outcome(source: string, replyToken: string): string;
  outcomesOf(source: string, clientId: string): string;
  /** "*" for the vendor makes it a filter over all. */
  event(vendorId: number | '*', type: string): string;
  deadLetter(lane: number): string;
  /** A request/reply subject or a notice between services, e.g. ledger.query.balance. */
  call(name: string): string;
  /** The same call about one vendor, which stands in the subject; "*" takes them all. */
  vendorCall(name: VendorCallName, vendorId: number | '*'): string;
  parseCommand(subject: string): CommandAddress | null;
  /** The lane that a command's subject names, right or wrong; null if it names none. */
  laneIn(subject: string): number | null;
}

export interface CommandAddress {
  readonly lane: number;
  readonly source: string;
  readonly vendorId: VendorId;
}

export function createSubjects(namespace = ''): Subjects {
  const prefix = namespace === '' ? '' : `${namespace}.`;
  const stream = (name: string) => (namespace === '' ? name : `${namespace.toUpperCase()}_${name}`);
  return {
    streams: {
      commands: stream('LEDGER_COMMANDS'),
      events: stream('LEDGER_EVENTS'),
      deadLetters: stream('LEDGER_DEAD_LETTERS'),
      reports: stream('AUDIT_REPORTS'),
    },
    allCommands: `${prefix}ledger.commands.>`,
    allEvents: `${prefix}ledger.events.>`,
    allDeadLetters: `${prefix}ledger.dead-letters.>`,
    auditReports: `${prefix}audit.reports`,
    command: (lane, source, vendorId) => `${prefix}ledger.commands.${lane}.${source}.${vendorId}`,
    outcome: (source, replyToken) => `${prefix}ledger.outcomes.${source}.${replyToken}`,
    outcomesOf: (source, clientId) => `${prefix}ledger.outcomes.${source}.${clientId}.*`,
    event: (vendorId, type) => `${prefix}ledger.events.${vendorId}.${type}`,
    deadLetter: (lane) => `${prefix}ledger.dead-letters.${lane}`,
    call: (name) => `${prefix}${name}`,
    vendorCall: (name, vendorId) => `${prefix}${name}.${vendorId}`,
    parseCommand: (subject) => parseCommandSubject(subject, prefix),
    laneIn: (subject) => laneInSubject(subject, prefix.length + COMMANDS.length),
  };
}

const COMMANDS = 'ledger.commands.';

function laneInSubject(subject: string, start: number): number | null {
  const token = subject.slice(start, subject.indexOf('.', start));
  return /^\d{1,5}$/.test(token) ? Number(token) : null;
}

function parseCommandSubject(subject: string, prefix: string): CommandAddress | null {
  if (!subject.startsWith(`${prefix}${COMMANDS}`)) return null;
  const [lane, source, vendor, ...rest] = subject.slice(prefix.length + COMMANDS.length).split('.');
  const vendorId = parseVendorId(vendor ?? '');
  if (!/^\d{1,5}$/.test(lane ?? '') || !TOKEN.test(source ?? '') || vendorId === null || rest.length > 0)
    return null;
  return { lane: Number(lane), source: source!, vendorId };
}

/** Whether a command stands on the lane that its vendor hashes to. */
export const onItsLane = (address: CommandAddress, lanes: number): boolean =>
  laneOf(address.vendorId, lanes) === address.lane;
