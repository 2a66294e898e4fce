/** The messages between the bare gateway and the bare ledger. */

export const COMMANDS = { stream: 'BARE_COMMANDS', subjects: 'bare.commands.*' } as const;
export const EVENTS = { stream: 'BARE_EVENTS', subjects: 'bare.events.>' } as const;
export const commandSubject = (lane: number): string => `bare.commands.${lane}`;
export const eventSubject = (vendorId: number): string => `bare.events.${vendorId}.charge`;

/** Caller's number, vendor, phone number, minor units, key, trace context or null. */
export type Item = readonly [
  n: number,
  vendorId: number,
  phoneNumber: string,
  amount: number,
  key: string,
  traceparent: string | null,
];

/** Sales that arrived in one turn of the gateway's event loop. */
export interface Envelope {
  /** Subject for the replies. */
  readonly reply: string;
  readonly items: readonly Item[];
}

/** Caller's number, true if posted, number in the vendor's chain, balance before and after in minor units. */
export type Reply = readonly [n: number, posted: boolean, seq: number, before: number, after: number];
