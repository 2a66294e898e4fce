export * from './caches.ts';
export * from './commands.ts';
export * from './connections.ts';
export * from './histogram.ts';
export * from './registry.ts';
export * from './tally.ts';
