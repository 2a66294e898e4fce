import type { Drill } from './drill.ts';
import { restoreDatabase } from './restore-database.ts';

export const DRILLS: readonly Drill[] = [restoreDatabase];
