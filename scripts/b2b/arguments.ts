import { parseVendorId, type VendorId } from '@b2b-charge/contracts';
import { InvalidArgumentError } from 'commander';

/** With its time zone, because the operator's clock may have another. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/** Parses a whole number from `low` to `high`. Throws InvalidArgumentError, as all parsers here. */
export const wholeNumber = (low: number, high: number) => (text: string) => {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= low && number <= high))
    throw new InvalidArgumentError(`A number from ${low} to ${high} is needed.`);
  return number;
};

export function vendorId(text: string): VendorId {
  const id = parseVendorId(text);
  if (id === null) throw new InvalidArgumentError('This is not the id of a vendor.');
  return id;
}

/** A past time with its zone. */
export function pastInstant(text: string): Date {
  const time = new Date(text);
  if (!INSTANT.test(text) || Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('A time with its zone is needed, such as 2026-11-24T12:00:00Z.');
  if (time.getTime() > Date.now()) throw new InvalidArgumentError('This time is in the future.');
  return time;
}

/** A day (its begin in UTC) or a time. */
export function dayOrTime(text: string): Date {
  const time = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}/.test(text) || Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('A day or a time is needed: 2026-11-23 or 2026-11-23T10:00:00Z.');
  return time;
}
