import { readFileSync } from 'node:fs';
import path from 'node:path';

const FILE = path.join(import.meta.dirname, '../../docs/capacity-figures.json');

const NAMES = [
  'tableBytesPerCharge',
  'indexBytesPerCharge',
  'walBytesPerCharge',
  'logBytesPerCharge',
  'eventBytesPerCharge',
  'gatewayCpuPerCharge',
  'ledgerCpuPerCharge',
  'natsCpuPerCharge',
  'postgresCpuPerCharge',
  'redisCpuPerCharge',
  'machineChargesPerSecond',
  'ledgerDrainPerSecond',
  'auditPerSecond',
  'dayAuditPerSecond',
  'vendorBytes',
  'vendorMemory',
  'gatewayMemory',
  'ledgerMemory',
] as const;

/** Measured values by name, in the units that the file says. */
export type Figures = Readonly<Record<(typeof NAMES)[number], number>>;

/** Throws when a figure is missing, or is not a number above 0. */
export function readFigures(file = FILE): Figures {
  const entries = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { value?: unknown } | undefined>;
  return Object.fromEntries(
    NAMES.map((name) => {
      const value = entries[name]?.value;
      if (typeof value !== 'number' || !(value > 0)) throw new Error(`${file}: ${name} is no number above 0`);
      return [name, value];
    }),
  ) as Figures;
}
