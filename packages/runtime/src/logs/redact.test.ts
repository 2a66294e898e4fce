import { expect, test } from 'vitest';
import { maskPhone, redact } from './redact.ts';

const TOKEN = `b2bv_${'Ab3-_'.repeat(8)}`;
const SEED = `SU${'AB2'.repeat(18)}CD`;

test.each([
  [`{"authorization":"Token ${TOKEN}"}`, TOKEN],
  [`{"msg":"sent Bearer ${TOKEN} along"}`, TOKEN],
  [`{"err":{"config":{"nested":{"password":"pa\\"ss word"}}}}`, 'ss w'],
  [`{"msg":"connect postgresql://b2b_gateway:s3cret@127.0.0.1/db failed"}`, 's3cret'],
  [`{"msg":"redis://:s3cret@127.0.0.1:6379"}`, 's3cret'],
  [`{"seed":"${SEED}"}`, SEED],
  [`{"msg":"nkey ${SEED}"}`, SEED],
  [`{"detail":"Failing row contains (7, +989123456789, 10)"}`, '9123456789'],
  [`{"body":{"phone_number":"09123456789"}}`, '9123456789'],
  [`{"session_token":"abcdefghijk"}`, 'abcdefghijk'],
  [`{"pem":"-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQ\\n-----END PRIVATE KEY-----"}`, 'MC4CAQAwBQ'],
])('%s tells nothing', (line, secret) => {
  expect(redact(line)).not.toContain(secret);
  expect(() => JSON.parse(redact(line))).not.toThrow();
});

test.each([
  '{"transaction":"01a206d2-9997-8000-8000-080000000019"}',
  '{"time":"2026-11-23T05:13:14.903Z","token_id":12,"message_id":"order-0912345678901"}',
  '{"cursor":{"seq":912345678901}}',
])('%s stays as it is', (line) => {
  expect(redact(line)).toBe(line);
});

test('a masked phone number does not tell the number', () => {
  expect(maskPhone('+989123456789')).toBe('+98912***89');
});
