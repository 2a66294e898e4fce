import type { ErrorCode } from '../errors.ts';
import type { Route } from '../route.ts';

/** Every code that a route may answer: its own, and those of its kind. */
export function errorsOf(route: Route): ErrorCode[] {
  const codes = new Set<ErrorCode>([
    ...route.errors,
    'BAD_REQUEST',
    'HOST_NOT_ALLOWED',
    'VALIDATION_ERROR',
    'INTERNAL',
    'UNAVAILABLE',
  ]);
  if (route.access !== 'public') {
    for (const code of ['UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMITED'] as const) codes.add(code);
    if (route.method !== 'GET') codes.add('READ_ONLY_TOKEN');
  }
  if (route.body) {
    codes.add('PAYLOAD_TOO_LARGE');
    codes.add('UNSUPPORTED_MEDIA_TYPE');
  }
  return [...codes];
}
