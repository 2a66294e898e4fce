import { expect, test } from 'vitest';
import { parseEndpointUrl } from './url-rules.ts';

const strict = { allowHttp: false, ports: [{ from: 443, to: 443 }] };

test.each([
  ['http://shop.example/', 'only https is allowed'],
  ['ftp://shop.example/', 'only https is allowed'],
  ['file:///etc/passwd', 'it is no URL'],
  ['javascript:alert(1)', 'it is no URL'],
  ['https://', 'it is no URL'],
  ['shop.example', 'it is no URL'],
  ['https://user:secret@shop.example/', 'a URL with a name or password in it is not allowed'],
  ['https://user@shop.example/', 'a URL with a name or password in it is not allowed'],
  ['https://shop.example/#there', 'a URL with a fragment is not allowed'],
  ['https://shop.example:22/', 'port 22 is not allowed'],
  ['https://shop.example:8443/', 'port 8443 is not allowed'],
  [`https://shop.example/${'x'.repeat(2_100)}`, 'the URL is too long'],
])('%s: %s', (url, problem) => expect(parseEndpointUrl(url, strict)).toBe(problem));

test.each([
  ['https://shop.example', 'https://shop.example/'],
  ['https://shop.example:443/a?b=c', 'https://shop.example/a?b=c'],
  ['HTTPS://SHOP.example/', 'https://shop.example/'],
  // The many ways to write an address become one, which the address guard then reads.
  ['https://2130706433/', 'https://127.0.0.1/'],
  ['https://0x7f.1/', 'https://127.0.0.1/'],
  ['https://017700000001/', 'https://127.0.0.1/'],
  ['https://[::ffff:127.0.0.1]/', 'https://[::ffff:7f00:1]/'],
])('%s is taken as %s', (given, taken) =>
  expect(parseEndpointUrl(given, strict)).toMatchObject({ href: taken }),
);

test('http and other ports where the settings say so', () => {
  const loose = { allowHttp: true, ports: [{ from: 80, to: 9_000 }] };
  expect(parseEndpointUrl('http://127.0.0.1:8080/x', loose)).toMatchObject({ port: '8080' });
  expect(parseEndpointUrl('http://127.0.0.1/', loose)).toMatchObject({ port: '' });
  expect(parseEndpointUrl('ftp://127.0.0.1/', loose)).toBe('only https and http are allowed');
});
