import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** 32 MiB and three passes: as costly to guess as OWASP's first choice, at a quarter of its memory. */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const MAX_MEMORY_BYTES = 128 * 1024 ** 2;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

const STORED = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([\w-]{10,})\$([\w-]{20,})$/;

/** "scrypt$N$r$p$salt$key": the cost stands in each hash, so that it may rise and older ones still verify. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password, salt, KEY_BYTES, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Whether a password is the stored one. Without a stored one it is as much work, and false. */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const match = STORED.exec(stored ?? '');
  if (!match) {
    await derive(password, Buffer.alloc(SALT_BYTES), KEY_BYTES, COST);
    return false;
  }
  const [, N, r, p, salt, key] = match;
  const expected = Buffer.from(key!, 'base64url');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt!, 'base64url'), expected.length, cost);
  return timingSafeEqual(actual, expected);
}

function derive(password: string, salt: Buffer, length: number, cost: ScryptOptions): Promise<Buffer> {
  const options = { ...cost, maxmem: MAX_MEMORY_BYTES };
  return new Promise((resolve, reject) => {
    // One spelling of the same characters, whichever keyboard they were typed on.
    scrypt(password.normalize('NFKC'), salt, length, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
