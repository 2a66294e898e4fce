import pg from 'pg';

/** A credit that the books hold and the restored credit requests do not, or do not know to be approved. */
export interface LostRequest {
  readonly requestId: string;
  readonly vendorId: number;
  readonly amount: string;
  readonly transactionId: string;
  readonly decidedAt: Date;
  /** What the restored request says; null if there is none. */
  readonly status: string | null;
}

const LOST = `SELECT substr(t.message_id, 9) AS "requestId", t.vendor_id AS "vendorId", t.amount, t.id AS "transactionId",
    t.created_at AS "decidedAt", r.status::text AS status
  FROM ledger.transactions t LEFT JOIN credits.requests r ON r.id = substr(t.message_id, 9)::bigint
  WHERE t.type = 'credit' AND t.status = 'posted' AND t.source = 'credits'
    AND t.message_id ~ '^~credit/[1-9][0-9]{0,15}$' AND (r.id IS NULL OR r.status = 'pending')
    AND (r.id IS NULL OR (r.vendor_id, r.amount) = (t.vendor_id, t.amount))
  ORDER BY t.created_at`;

const BY = 'restored from the command log';

/** Who asked and who approved is lost; that it was approved, the command log proves: credits' own key alone may publish it. */
export async function findLostRequests(adminUrl: string): Promise<LostRequest[]> {
  return withClient(adminUrl, async (client) => (await client.query<LostRequest>(LOST)).rows);
}

/** Writes the requests anew, as the books have them, each with a line of the audit trail that says so. */
export async function settleLostRequests(adminUrl: string, actor: string): Promise<number> {
  return withClient(adminUrl, async (client) => {
    await client.query('BEGIN');
    const { rows } = await client.query<LostRequest>(LOST);
    for (const lost of rows) {
      const { requestId, vendorId, amount, transactionId, decidedAt } = lost;
      await client.query(
        `INSERT INTO credits.requests (id, vendor_id, amount, status, requested_by, approvals_needed, business_day,
           decided_by, decided_at, transaction_id, created_at)
         OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, 'approved', $4, 1, $5::date, $6, $5, NULL, $5)
         ON CONFLICT (id) DO UPDATE SET status = 'approved', approvals_needed = 1, decided_by = $6, decided_at = $5`,
        [requestId, vendorId, amount, BY, decidedAt, actor],
      );
      await client.query('INSERT INTO credits.approvals VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
        ...[requestId, actor, decidedAt],
      ]);
      await client.query("UPDATE credits.requests SET status = 'posted', transaction_id = $2 WHERE id = $1", [
        requestId,
        transactionId,
      ]);
      await client.query(
        `INSERT INTO credits.audit_trail (actor, action, request_id, vendor_id, details)
         VALUES ($1, 'restored', $2, $3, jsonb_build_object('transaction_id', $4::text))`,
        [actor, requestId, vendorId, transactionId],
      );
    }
    await client.query('COMMIT');
    return rows.length;
  });
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
