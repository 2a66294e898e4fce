import type { Ask } from '@b2b-charge/http/ask';
import type { CommandDesk } from '@b2b-charge/http/commands/command-desk';
import type { HttpService } from '@b2b-charge/http/http-service';
import type { Change } from '@b2b-charge/http/tokens/notices';
import type { Kysely } from 'kysely';
import type { BackofficeConfig } from './config.ts';
import type { BackofficeDatabase } from './db/schema.ts';

/** Everything that the routes and the console's pages work with. */
export interface Backoffice extends HttpService {
  readonly config: BackofficeConfig;
  readonly db: Kysely<BackofficeDatabase>;
  readonly commands: CommandDesk;
  /** Calls another service. Throws Refusal with the API's code. */
  readonly ask: Ask;
  /** Tells all processes that know tokens, this one first, that a token ended or a vendor's settings changed. */
  publishChange(change: Change): Promise<void>;
  /** Age in ms of the oldest command of this process that has no answer yet, over all lanes. */
  laneLagMs(): number;
}
