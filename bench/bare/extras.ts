/**
 * Parts that a sale passes beyond the bare hops, each as its library offers it. The price list switches each on alone
 * and off from the whole. The names are those of the scenario's report.
 */
export const EXTRAS = {
  token: 'the token hashed and looked up, instead of the vendor taken from the path',
  limit: 'the rate limit of the vendor counted',
  validation: 'the body and the key checked by zod',
  phone: 'the phone number parsed by libphonenumber',
  redis: 'the key marked in Redis before, its result stored there after',
  log: 'a log line by pino',
  metrics: 'a histogram and a counter of prom-client',
  headers: "the service's headers and body on the response",
  trace: 'a trace context made, sent along and returned',
  lanes: 'sixteen lanes: an envelope for each that has a sale in this turn',
  message: 'a message with headers for each sale, instead of an envelope a turn',
  reply: 'a reply for each sale, instead of one a batch',
  event: 'an acknowledged event in a stream of its own for each sale',
  row: 'the columns, the salted phone number, the check and the index that the ledger has beyond these',
  fence: 'BEGIN, the lane locked and its epoch checked, COMMIT, instead of one statement',
} as const;

export type Extra = keyof typeof EXTRAS;
export const EXTRA_NAMES = Object.keys(EXTRAS) as Extra[];

export const LANES = 16;
