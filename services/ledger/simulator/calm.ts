import type { CommandRequest, VendorId } from '@b2b-charge/contracts';
import { LANES } from './callers.ts';
import { type Errand, vendorsOn } from './errands.ts';
import { credit, open } from './given.ts';
import { type Plant, Stage } from './stage.ts';

/** Vendors of every lane: the first is on lane VENDOR_LANES[0], and so on. */
export const VENDORS = vendorsOn(LANES);

/** A stage on which nothing fails but what the test does. */
export function calmStage(processes: number, plant: Plant = {}): Stage {
  const stage = new Stage({ seed: 1, plant });
  stage.world.faulty = false;
  for (let started = 0; started < processes; started++) stage.fleet.start();
  return stage;
}

let named = 0;
export const errand = (vendorId: VendorId, request: CommandRequest, atMs: number): Errand => {
  const name = `e${++named}`;
  const plain = { dueMs: null, forgets: false, spoilt: null };
  return { ...plain, name, key: name, vendorId, atMs, request: () => request };
};

/** Sent once and never again: what is lost of it stays lost. */
export const once = (vendorId: VendorId, request: CommandRequest, atMs: number): Errand => ({
  ...errand(vendorId, request, atMs),
  forgets: true,
});

/** Every vendor opened, with 1,000.00. */
export const funded = (): Errand[] =>
  VENDORS.flatMap((vendor) => [errand(vendor, open(), 0), errand(vendor, credit('1000.00'), 20)]);

export const ownersOf = ({ database }: Stage) => database.lanes.map(({ owner }) => owner);
export const epochsOf = ({ database }: Stage) => database.lanes.map(({ epoch }) => epoch);
