/** The lane of a vendor: FNV-1a (32 bits) over its decimal id, modulo the number of lanes. docs/lane-vectors.json tests it. */
export function laneOf(vendor: number, lanes = 16): number {
  let hash = 0x811c9dc5;
  for (const digit of String(vendor)) hash = Math.imul(hash ^ digit.charCodeAt(0), 0x01000193);
  return (hash >>> 0) % lanes;
}
