/**
 * Whether servers of this version keep a replicated stream the same on all of them. 2.9.10 and 2.10.27 do not, when a leader
 * is cut off and comes back (docs/disaster-recovery.md); what lies between the latter and 2.15.1 was not tried.
 */
export function keepsLogsEqual(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 11);
}
