export { LineLog, type LogFolder, logFolder } from './line-log.ts';
export { droppedLines } from './line-sink.ts';
export * from './logger.ts';
export { maskPhone, redact } from './redact.ts';
export { RefusalLog, type Refused } from './refusal-log.ts';
