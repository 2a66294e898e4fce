import { get } from 'node:http';

/** The images' health check: exit code 0 if the service is ready. Plain HTTP and JavaScript, as it runs every few seconds. */
const request = get(
  { host: '127.0.0.1', port: process.env.OPS_PORT, path: '/ready', timeout: 2_500 },
  ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1),
);
request.on('timeout', () => request.destroy(new Error('no answer')));
request.on('error', () => process.exit(1));
