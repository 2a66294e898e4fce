import type { Fields } from '@b2b-charge/http/fields';
import type { Locale } from '@b2b-charge/http/messages/index';
import type { Backoffice } from '../backoffice.ts';
import type { Feed } from './feed/feed.ts';
import type { SalesToday } from './pages/home/sales-today.ts';
import type { Formats } from './parts/formats.ts';
import type { Sessions } from './session/sessions.ts';
import type { SignInDesk } from './session/sign-in.ts';

/** What the console's pages work with. */
export interface Desk {
  readonly backoffice: Backoffice;
  readonly sessions: Sessions;
  readonly signIn: SignInDesk;
  /** Fields that depend on settings: phone numbers, days. */
  readonly fields: Fields;
  readonly feed: Feed;
  readonly salesToday: SalesToday;
  formats(locale: Locale): Formats;
}
