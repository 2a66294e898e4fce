import { formatHolder, type KeyState } from '../../dead-letters/key-state.ts';
import { formatLetterId, type Letter } from '../../dead-letters/letters.ts';

export function formatList(letters: readonly Letter[]): string {
  if (letters.length === 0) return 'no dead letters';
  return letters
    .map((letter) =>
      [
        formatLetterId(letter).padEnd(14),
        letter.createdAt.toISOString(),
        letter.reason.padEnd(14),
        (letter.messageId ?? '(no message id)').padEnd(38),
        letter.resubmittedAs === null ? letter.detail.slice(0, 80) : `sent again as ${letter.resubmittedAs}`,
      ].join('  '),
    )
    .join('\n');
}

/** Everything there is to know of one. */
export function formatLetter(letter: Letter, key: KeyState | null): string {
  return [
    `dead letter  ${formatLetterId(letter)}, ${letter.createdAt.toISOString()}`,
    `reason       ${letter.reason}: ${letter.detail}`,
    `subject      ${letter.subject}`,
    'headers',
    ...letter.headers.map(([name, value]) => `  ${name}: ${value}`),
    'payload',
    `  ${textOf(letter.payload)}`,
    `sent again   ${letter.resubmittedAs === null ? 'no' : `as ${letter.resubmittedAs}`}`,
    `its key      ${key?.holder ? `has an outcome: ${formatHolder(key.holder)}` : 'has no outcome'}`,
  ].join('\n');
}

export const jsonOf = ({ payload, createdAt, ...letter }: Letter): object => ({
  id: formatLetterId(letter),
  ...letter,
  created_at: createdAt.toISOString(),
  payload: textOf(payload),
});

/** As text if it is text; no control character reaches the terminal. */
function textOf(payload: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
    if (!/[\p{Cc}\p{Cf}]/u.test(text.replaceAll(/[\n\r\t]/g, ''))) return text;
  } catch {
    // Not UTF-8.
  }
  return `base64:${Buffer.from(payload).toString('base64')}`;
}
