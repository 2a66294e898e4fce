import { routesOf } from '@b2b-charge/http/route';
import type { Backoffice } from '../backoffice.ts';

export const defineRoute = routesOf<Backoffice>();
