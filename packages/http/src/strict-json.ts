export { JsonError, OddNumber, parseStrictJson } from '@b2b-charge/contracts';
