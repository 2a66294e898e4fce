/** True in `npm run test:campaign`, which may take an hour; `npm run test:campaign:short` takes minutes. */
export const LONG = process.env.CAMPAIGN === 'long';
