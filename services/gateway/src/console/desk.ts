import type { Gateway } from '../gateway.ts';
import type { Fields } from '../http/fields.ts';
import type { Locale } from '../messages/index.ts';
import type { Feed } from './feed/feed.ts';
import type { SalesToday } from './pages/home/sales-today.ts';
import type { Formats } from './parts/formats.ts';
import type { Sessions } from './session/sessions.ts';
import type { SignInDesk } from './session/sign-in.ts';

/** What the console's pages work with. */
export interface Desk {
  readonly gateway: Gateway;
  readonly sessions: Sessions;
  readonly signIn: SignInDesk;
  /** Fields that depend on settings: phone numbers, days. */
  readonly fields: Fields;
  readonly feed: Feed;
  readonly salesToday: SalesToday;
  formats(locale: Locale): Formats;
}
