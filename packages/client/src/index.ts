export * from './errors.ts';
export * from './http/api-client.ts';
export type { Operations } from './http/operations.ts';
export * from './ledger-client.ts';
