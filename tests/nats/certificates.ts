import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** An authority and certificates by it, made in memory: X.509 by hand, for there need be no openssl on the machine. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  /** A certificate for a server (its host names and addresses) or a client (no hosts), with its key. */
  issue(name: string, hosts?: readonly string[]): { readonly certificate: string; readonly key: string };
}

const HOUR_MS = 3_600_000;

const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const size = body.length.toString(16);
  const bytes = Buffer.from(size.length % 2 ? `0${size}` : size, 'hex');
  const length =
    body.length < 128
      ? Buffer.from([body.length])
      : Buffer.concat([Buffer.from([128 + bytes.length]), bytes]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
};
const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const set = (...parts: readonly Buffer[]) => der(0x31, ...parts);
const octets = (bytes: Buffer) => der(0x04, bytes);
const bits = (bytes: Buffer, unused = 0) => der(0x03, Buffer.from([unused]), bytes);
const integer = (bytes: Buffer) => der(0x02, bytes);
const text = (value: string) => der(0x0c, Buffer.from(value));
const explicit = (tag: number, part: Buffer) => der(0xa0 + tag, part);
const time = (ms: number) =>
  der(0x18, Buffer.from(new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '')));
const TRUE = der(0x01, Buffer.from([0xff]));

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const base128 = (value: number): number[] =>
    value < 128 ? [value] : [...base128(Math.floor(value / 128)).map((byte) => byte | 128), value % 128];
  return der(0x06, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
}

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const nameOf = (common: string) => sequence(set(sequence(oid('2.5.4.3'), text(common))));
const extension = (id: string, value: Buffer, critical = false) =>
  sequence(oid(id), ...(critical ? [TRUE] : []), octets(value));

function hostName(host: string): Buffer {
  const isAddress = /^\d+(\.\d+){3}$/.test(host);
  return isAddress ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host));
}

interface Certificate {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
}

function certify({ subject, issuer, publicKey, signer, extensions }: Certificate): string {
  const serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]);
  const validity = sequence(time(Date.now() - HOUR_MS), time(Date.now() + 24 * HOUR_MS));
  const content = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_SHA256,
    nameOf(issuer),
    validity,
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  );
  const whole = sequence(content, ECDSA_SHA256, bits(sign('sha256', content, signer)));
  const lines = whole.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

export function createAuthority(name: string): Authority {
  const own = newKey();
  const isAuthority = extension('2.5.29.19', sequence(TRUE), true);
  const maySign = extension('2.5.29.15', bits(Buffer.from([0x04]), 2), true);
  return {
    certificate: certify({
      subject: name,
      issuer: name,
      publicKey: own.publicKey,
      signer: own.privateKey,
      extensions: [isAuthority, maySign],
    }),
    issue(subject, hosts = []) {
      const key = newKey();
      const use = hosts.length > 0 ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2';
      const names = hosts.length > 0 ? [extension('2.5.29.17', sequence(...hosts.map(hostName)))] : [];
      return {
        certificate: certify({
          subject,
          issuer: name,
          publicKey: key.publicKey,
          signer: own.privateKey,
          extensions: [...names, extension('2.5.29.37', sequence(oid(use)))],
        }),
        key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}
