import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** log2 of scrypt's N: 32 MiB and three passes, which OWASP counts as equal to its first choice. */
export const PASSWORD_COST = 15;
/** The highest cost: 64 MiB a password. */
export const MAX_PASSWORD_COST = 16;
const costOf = (cost: number) => ({ N: 2 ** cost, r: 8, p: 3 });
const MAX_MEMORY_BYTES = 128 * 1024 ** 2;
const KEY_BYTES = 32;
const SALT_BYTES = 16;

const STORED = /^scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([\w-]{10,})\$([\w-]{20,})$/;

/** "scrypt$N$r$p$salt$key": the cost stands in each hash, so that it may rise and older ones still verify. */
export async function hashPassword(password: string, cost: number): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const { N, r, p } = costOf(cost);
  const key = await derive(password, salt, KEY_BYTES, { N, r, p });
  return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Whether a password is the stored one. False after work of `cost` if none is stored. */
export async function verifyPassword(
  password: string,
  stored: string | null,
  cost: number,
): Promise<boolean> {
  const match = STORED.exec(stored ?? '');
  if (!match) {
    await derive(password, Buffer.alloc(SALT_BYTES), KEY_BYTES, costOf(cost));
    return false;
  }
  const [, N, r, p, salt, key] = match;
  const expected = Buffer.from(key!, 'base64url');
  const storedCost = { N: Number(N), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt!, 'base64url'), expected.length, storedCost);
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
