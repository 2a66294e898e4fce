/** Why nothing can be done with a dead letter, in a sentence for whoever asked. */
export class LetterRefusal extends Error {
  override name = 'LetterRefusal';
  readonly code: 'NOT_FOUND' | 'NOT_RESUBMITTABLE';
  constructor(code: LetterRefusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}
