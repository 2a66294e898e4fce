import { principal } from '@b2b-charge/contracts';

/** What an operator may do: everything; decide on credit; look. */
export const ROLES = ['admin', 'approver', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

export interface Operator {
  readonly id: number;
  readonly username: string;
  readonly role: Role;
  readonly enabled: boolean;
  /** Raised by a new password, another role and disabling: sessions of an earlier generation have ended. */
  readonly generation: number;
}

/** Lower case, so that two spellings are never two people. */
export const USERNAME = /^[a-z][a-z0-9._-]{1,39}$/;
export const MIN_PASSWORD = 12;
export const MAX_PASSWORD = 200;

/**
 * The name under which an operator's acts are recorded elsewhere. It is an admin token's of the same name: one person
 * with both is one approver.
 */
export const operatorActor = ({ username }: Pick<Operator, 'username'>): string => `admin:${username}`;

/** The operator as the ledger records who sent a command. */
export const operatorPrincipal = ({ username }: Pick<Operator, 'username'>): string =>
  principal('operator', username);
