import { shareOfPeakSecond } from './day.ts';
import type { Figures } from './figures.ts';

export interface Demand {
  readonly chargesPerDay: number;
  readonly vendors: number;
  readonly years: number;
}

export interface Plan {
  readonly peakPerSecond: number;
  /** Cores that charges keep busy at the peak, by process. */
  readonly peakCores: Readonly<Record<'gateway' | 'ledger' | 'nats' | 'postgres' | 'redis', number>>;
  /** Processes, with one to spare of each. */
  readonly processes: { readonly gateway: number; readonly ledger: number };
  /** Of the machine that was measured, at the peak; above 1 one such machine is not enough. */
  readonly shareOfMachine: number;
  readonly memoryBytes: number;
  /** PostgreSQL at the end of each year: transactions and vendors, with their indexes. */
  readonly diskByYearBytes: readonly number[];
  /** Seven days of commands and events, one copy. */
  readonly streamBytes: number;
  /** WAL of one day, which an archive keeps for as long as one may want to go back. */
  readonly walPerDayBytes: number;
  /** A base backup at the end and a week of WAL. */
  readonly backupBytes: number;
  /** Everything, nearly all of it older than the log. */
  readonly fullAuditSeconds: number;
  /** A day's transactions and their commands. */
  readonly dailyAuditSeconds: number;
  readonly advice: readonly string[];
}

const DAYS_PER_YEAR = 365;
const RETENTION_DAYS = 7;
/** A process of one thread is full long before it has used a core to the end: latency. */
const BUSY = 0.6;
const SPARE = 1;
const LANES = 16;
/** The most that one ledger keeps in memory. */
const CACHED_VENDORS = 100_000;
const MEGABYTE = 1_000_000;
const TERABYTE = 1e12;
/** A backup, an index or an audit of more than this does not fit into a night. */
const LARGE_TABLE = 1 * TERABYTE;
const LONG_AUDIT_S = 4 * 3_600;
/** Commits of one PostgreSQL are the ledger's ceiling: beyond this share of its drain, split the books. */
const CEILING_SHARE = 0.7;

/** What a demand takes, by measured figures: pure arithmetic, every step of which stands in docs/capacity.md. */
export function plan({ chargesPerDay, vendors, years }: Demand, figures: Figures): Plan {
  const peakPerSecond = chargesPerDay * shareOfPeakSecond();
  const cores = (us: number) => (peakPerSecond * us) / 1e6;
  const peakCores = {
    gateway: cores(figures.gatewayCpuPerCharge),
    ledger: cores(figures.ledgerCpuPerCharge),
    nats: cores(figures.natsCpuPerCharge),
    postgres: cores(figures.postgresCpuPerCharge),
    redis: cores(figures.redisCpuPerCharge),
  };
  const processes = {
    gateway: Math.ceil(peakCores.gateway / BUSY) + SPARE,
    ledger: Math.min(LANES, Math.ceil(peakCores.ledger / BUSY) + SPARE),
  };
  const perYear = chargesPerDay * DAYS_PER_YEAR * (figures.tableBytesPerCharge + figures.indexBytesPerCharge);
  const diskByYearBytes = Array.from(
    { length: Math.ceil(years) },
    (_, year) => perYear * Math.min(year + 1, years) + vendors * figures.vendorBytes,
  );
  const walPerDayBytes = chargesPerDay * figures.walBytesPerCharge;
  const partial = {
    peakPerSecond,
    peakCores,
    processes,
    shareOfMachine: peakPerSecond / figures.machineChargesPerSecond,
    memoryBytes:
      (processes.gateway * figures.gatewayMemory + processes.ledger * figures.ledgerMemory) * MEGABYTE +
      processes.ledger * Math.min(vendors, CACHED_VENDORS) * figures.vendorMemory,
    diskByYearBytes,
    streamBytes: chargesPerDay * RETENTION_DAYS * (figures.logBytesPerCharge + figures.eventBytesPerCharge),
    walPerDayBytes,
    backupBytes: (diskByYearBytes.at(-1) ?? 0) + RETENTION_DAYS * walPerDayBytes,
    fullAuditSeconds: (chargesPerDay * DAYS_PER_YEAR * years) / figures.auditPerSecond,
    dailyAuditSeconds: chargesPerDay / figures.dayAuditPerSecond,
  };
  return { ...partial, advice: adviceFor(partial, { vendors, chargesPerDay }, figures) };
}

function adviceFor(
  plan: Omit<Plan, 'advice'>,
  { vendors, chargesPerDay }: Pick<Demand, 'vendors' | 'chargesPerDay'>,
  figures: Figures,
): string[] {
  const { peakPerSecond, shareOfMachine, diskByYearBytes, fullAuditSeconds, peakCores } = plan;
  const disk = diskByYearBytes.at(-1) ?? 0;
  const advice = [
    'NATS as three servers with STREAM_REPLICAS=3 before money depends on it: what one server alone holds is lost with its disk.',
    'A streaming replica and an archive of the WAL from the first day: for a restore, not for speed.',
  ];
  if (shareOfMachine > 0.5)
    advice.push(
      `PostgreSQL, NATS and the services on machines of their own: the peak is ${(shareOfMachine * 100).toFixed(0)} % of what one measured machine sells.`,
    );
  if (plan.processes.ledger > 2)
    advice.push(
      `${plan.processes.ledger} ledgers: a lane is one thread's work, and ${peakCores.ledger.toFixed(1)} cores of deciding do not fit into one.`,
    );
  if (plan.processes.ledger === LANES)
    advice.push(
      'More lanes (docs/operations.md, Another number of lanes): as many ledgers as lanes is all there can be.',
    );
  if (peakPerSecond > CEILING_SHARE * figures.ledgerDrainPerSecond)
    advice.push(
      'Citus, or regions with books of their own: the peak is near what one PostgreSQL was seen to commit. The keys allow it (docs/capacity.md).',
    );
  if (disk > LARGE_TABLE)
    advice.push(
      'npm run partition: indexes of a part fit into memory, and a VACUUM or a REINDEX takes a part at a time.',
    );
  if (fullAuditSeconds > LONG_AUDIT_S)
    advice.push(
      'Full audits against the replica, and weekly: incremental ones go on every ten minutes from the signed checkpoint.',
    );
  if (chargesPerDay / vendors > 1_000_000)
    advice.push(
      'One vendor is one lane: a vendor with millions of charges a day is best given several vendor numbers.',
    );
  return advice;
}
