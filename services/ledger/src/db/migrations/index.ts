import type { Migration } from 'kysely';
import * as ledger from './0001-ledger.ts';
import * as guards from './0002-guards.ts';
import * as books from './0003-books.ts';
import * as grants from './0004-grants.ts';
import * as recovery from './0005-recovery.ts';
import * as resubmissions from './0006-resubmissions.ts';

export const ledgerMigrations: Record<string, Migration> = {
  '0001-ledger': ledger,
  '0002-guards': guards,
  '0003-books': books,
  '0004-grants': grants,
  '0005-recovery': recovery,
  '0006-resubmissions': resubmissions,
};
