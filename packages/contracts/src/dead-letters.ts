import { z } from 'zod';
import { actor, cursor, origin } from './fields.ts';
import { DEAD_LETTER_REASONS } from './outcomes.ts';

/** A command that could not be executed: where it stood in the log, what it was, and why. */
export const deadLetterSchema = z.object({
  /** `<lane>-<stream epoch>-<sequence>` */
  id: z.string().regex(/^[0-9]{1,5}-[0-9]{1,10}-[0-9]{1,16}$/),
  lane: z.int(),
  stream_epoch: z.int(),
  stream_seq: z.int(),
  subject: z.string(),
  message_id: z.string().nullable(),
  reason: z.enum(DEAD_LETTER_REASONS),
  detail: z.string(),
  headers: z.record(z.string(), z.unknown()),
  /** Of a long payload the beginning. */
  payload_base64: z.string(),
  created_at: z.string(),
  /** Message id under which it was sent again. */
  resubmitted_as: z.string().nullable(),
});
export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** A dead letter as it stands in LEDGER_DEAD_LETTERS, with its whole payload and its headers in their order. */
export const deadLetterMessageSchema = deadLetterSchema
  .omit({ id: true, resubmitted_as: true })
  .extend({ headers: z.array(z.tuple([z.string(), z.string()])) });

/** Request/reply calls on the ledger about its dead letters. Errors: NOT_FOUND. */
export const DEAD_LETTER_CALLS = {
  'ledger.query.dead-letters': {
    request: z.object({
      /** This one only. */
      id: deadLetterSchema.shape.id.nullish(),
      reason: z.enum(DEAD_LETTER_REASONS).nullish(),
      limit: z.int().min(1).max(200).default(50),
      cursor,
    }),
    response: z.object({ dead_letters: z.array(deadLetterSchema), next_cursor: z.string().nullable() }),
  },
  /** Publishes a dead letter's command once more, from its own source; executed within a minute or never. */
  'ledger.admin.resubmit-dead-letter': {
    request: z.object({
      id: deadLetterSchema.shape.id,
      /** Another one than its own makes it another command. */
      message_id: z.string().max(255).nullish(),
      /** Also one that was sent again before. */
      again: z.boolean().default(false),
      /** Only says what would be sent. */
      dry_run: z.boolean().default(false),
      /** Why: it goes into the record, with who and from where. */
      note: z.string().min(1).max(200),
      by: actor,
      origin,
    }),
    response: z.object({
      /** Why nothing can be sent; null if it can. */
      refused: z.string().nullable(),
      sent: z.boolean(),
      subject: z.string().nullable(),
      vendor_id: z.int().nullable(),
      message_id: z.string().nullable(),
      payload_base64: z.string().nullable(),
      /** What became of it, in words; null: not known within two seconds. */
      outcome: z.string().nullable(),
    }),
  },
} as const;
