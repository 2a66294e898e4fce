import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import type { SecureVersion } from 'node:tls';

interface Where {
  readonly port: number;
  /** The authority that is trusted, in PEM. */
  readonly ca: Buffer;
  readonly target: string;
}

interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly maxVersion?: SecureVersion;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One request to this machine over TLS, on a connection of its own. */
export function askTls(
  { port, ca, target }: Where,
  { body, maxVersion, ...rest }: Question,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const versions = maxVersion ? { maxVersion, minVersion: maxVersion } : {};
    const asked = request(
      { host: 'localhost', port, ca, path: target, agent: false, ...versions, ...rest },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => {
          resolve({ status: response.statusCode!, headers: response.headers, body: text });
        });
      },
    );
    asked.on('error', reject).end(body);
  });
}
