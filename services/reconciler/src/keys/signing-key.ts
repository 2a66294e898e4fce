import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The auditor's Ed25519 key. Its private part never leaves the file. */
export interface SigningKey {
  readonly keyId: string;
  /** PEM, SPKI. */
  readonly publicKey: string;
  sign(text: string): Buffer;
}

export interface Keys {
  readonly current: SigningKey;
  /** Whether a signature is by the current key or by one that the key file says was used before. */
  verify(keyId: string, text: string, signature: Uint8Array): boolean;
}

export class KeyFileError extends Error {
  override name = 'KeyFileError';
}

/**
 * Reads the key file, or makes it: a private key in PEM, mode 0600. Public keys that follow it in the file are keys used
 * before, whose signatures stay good. Throws KeyFileError.
 */
export function loadKeys(file: string): Keys {
  const pem = readOrCreate(file);
  const blocks = pem.match(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g) ?? [];
  try {
    const privateKey = createPrivateKey(blocks.find((block) => block.includes('PRIVATE KEY'))!);
    const current = signingKey(privateKey);
    const trusted = new Map<string, KeyObject>();
    for (const key of [createPublicKey(privateKey), ...publicKeysOf(blocks)]) trusted.set(keyIdOf(key), key);
    return {
      current,
      verify: (keyId, text, signature) => {
        const key = trusted.get(keyId);
        return key !== undefined && verify(null, Buffer.from(text), key, signature);
      },
    };
  } catch (cause) {
    throw new KeyFileError(`${file}: no Ed25519 private key in PEM`, { cause });
  }
}

function signingKey(privateKey: KeyObject): SigningKey {
  if (privateKey.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key');
  const publicKey = createPublicKey(privateKey);
  return {
    keyId: keyIdOf(publicKey),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (text) => sign(null, Buffer.from(text), privateKey),
  };
}

const publicKeysOf = (blocks: readonly string[]): KeyObject[] =>
  blocks.filter((block) => block.includes('PUBLIC KEY')).map((block) => createPublicKey(block));

/** The first 16 hex digits of SHA-256 over the key in DER. */
export const keyIdOf = (key: KeyObject): string =>
  hash('sha256', key.export({ type: 'spki', format: 'der' }), 'hex').slice(0, 16);

function readOrCreate(file: string): string {
  const found = readIfThere(file);
  if (found !== null) return found;
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  try {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    writeFileSync(file, pem, { mode: 0o600, flag: 'wx' });
    return pem;
  } catch (cause) {
    // Another process may have made it at this very moment.
    const made = (cause as NodeJS.ErrnoException).code === 'EEXIST' ? readIfThere(file) : null;
    if (made === null) throw new KeyFileError(`${file} cannot be written`, { cause });
    return made;
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new KeyFileError(`${file} cannot be read`, { cause });
  }
}
