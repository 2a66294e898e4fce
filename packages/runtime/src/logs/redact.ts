/** Fields that never leave in a line, wherever they stand. */
const SECRET_FIELDS = 'authorization|cookie|password|passwd|secret|seed|token|session|api_?key';
const FIELD = new RegExp(`"([a-z_-]*(?:${SECRET_FIELDS}))":"(?!\\[redacted\\])(?:[^"\\\\]|\\\\.)+"`, 'gi');
/** Ours begin with a tag; whatever follows an authorization scheme is one, too. */
const TOKENS = /\bb2b[a-z]_[A-Za-z0-9_-]{20,}|\b(?:token|bearer|basic) +[A-Za-z0-9+/=_-]{20,}/gi;
/** NATS' own form of private keys: user, account, operator. */
const SEEDS = /\bS[UAO][A-Z2-7]{56}\b/g;
const URL_PASSWORDS = /(\b[a-z][a-z0-9+.-]*:\/\/[^:/@\s"]*):[^@/\s"]+@/gi;
const PRIVATE_KEYS = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*?-----END [A-Z ]*PRIVATE KEY-----/g;
/** International or with a trunk zero; not a piece of an id. */
const PHONES = /(?<![\w-])(?:\+|00?)[1-9]\d{8,13}(?![\w-])/g;

/** Enough of a phone number to find a case by, not enough to call. */
export const maskPhone = (phone: string): string => `${phone.slice(0, 6)}***${phone.slice(-2)}`;

/** A line of JSON without tokens, passwords, keys and whole phone numbers, whoever let them in. */
export const redact = (line: string): string =>
  line
    .replace(FIELD, '"$1":"[redacted]"')
    .replace(TOKENS, '[redacted]')
    .replace(SEEDS, '[redacted]')
    .replace(URL_PASSWORDS, '$1:[redacted]@')
    .replace(PRIVATE_KEYS, '[redacted]')
    .replace(PHONES, (phone) => maskPhone(phone));
