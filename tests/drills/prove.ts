import type { Fleet } from '@b2b-charge/stack';
import type pg from 'pg';
import { waitForCalm } from '../chaos/calm.ts';
import { auditFully } from '../chaos/check/audit.ts';
import { checkEverything } from '../chaos/check/check.ts';
import { Findings } from '../chaos/check/findings.ts';
import type { Load } from '../chaos/load/load.ts';
import { settleDoubts } from '../chaos/load/settle.ts';
import { checkAudits } from './audits.ts';
import { type DrillResult, resultOf } from './drill.ts';

export interface Proof {
  /** Once every lane is read to its end and before anybody asks for what is in doubt. */
  readonly beforeProof?: () => Promise<void>;
  /** No audit of a reconciler that ran all the while may have found anything either. */
  readonly auditsOn?: boolean;
  /** What else must be so, when all is settled. */
  readonly alsoCheck?: (findings: Findings) => Promise<void>;
  /** Phone numbers that were erased, in E.164 form. */
  readonly erased?: ReadonlySet<string>;
}

interface Parts {
  readonly fleet: Fleet;
  readonly load: Load;
  readonly db: pg.Pool;
}

/** Waits for calm, settles what clients do not know, and holds the books against everything there is. */
export async function prove(
  { fleet, load, db }: Parts,
  { beforeProof, auditsOn, alsoCheck, erased }: Proof,
): Promise<DrillResult> {
  const findings = new Findings();
  const { book, shops, office } = load;
  const nc = await fleet.connect('operator');
  try {
    await waitForCalm(db, nc);
    await beforeProof?.();
    const settled = await settleDoubts({
      gatewayUrl: fleet.of('gateway')[0]!.url,
      book,
      shops,
      office,
      deadlineAtMs: Date.now() + load.longestDeadlineMs,
    });
    for (const text of settled.open) findings.add('bounded-doubt', text);
    await waitForCalm(db, nc);
    await checkEverything({ fleet, db, nc, claims: book.claims, erased, findings });
    await alsoCheck?.(findings);
    await auditFully(fleet, findings);
    if (auditsOn) await checkAudits(db, findings);
    for (const text of book.contradictions) findings.add('exactly-once', text);
  } finally {
    await nc.close();
  }
  return resultOf(findings, book.longestSilenceMs);
}
