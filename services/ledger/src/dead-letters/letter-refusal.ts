import { UsageError } from '@b2b-charge/runtime';

/** A dead letter cannot be found or resubmitted; the message gives the reason. */
export class LetterRefusal extends UsageError {
  override name = 'LetterRefusal';
  readonly code: 'NOT_FOUND' | 'NOT_RESUBMITTABLE';
  constructor(code: LetterRefusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}
