import { BackupError } from './folder.ts';

/** With its time zone: a time of the operator's own clock would be another one than was meant. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** The time to restore to. Throws BackupError. */
export function restoreTime(text: string): Date {
  const time = new Date(text);
  if (!INSTANT.test(text) || Number.isNaN(time.getTime()))
    throw new BackupError(`--at ${text}: not a time with its zone, such as 2026-11-24T12:00:00Z`);
  if (time.getTime() > Date.now())
    throw new BackupError(`--at ${text} is yet to come: without --at it goes to the end of the WAL`);
  return time;
}
