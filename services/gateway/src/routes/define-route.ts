import { routesOf } from '@b2b-charge/http/route';
import type { Gateway } from '../gateway.ts';

export const defineRoute = routesOf<Gateway>();
