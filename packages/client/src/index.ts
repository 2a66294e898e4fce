export * from './errors.ts';
export * from './ledger-client.ts';
