import { createCharges, vendorToken } from './charges.ts';
import type { HttpPlan } from './plan.ts';

/** The n-th request as it goes over the wire. */
export function createRequests(plan: HttpPlan): (n: number) => string {
  const charge = createCharges(plan);
  const heads = new Map<number, string>();
  const path = plan.path ?? (plan.bulk === null ? '/api/charges/sell/' : '/api/charges/sell/batch/');
  const headOf = (vendorId: number): string => {
    let head = heads.get(vendorId);
    if (head === undefined) {
      head = [
        `POST ${path.replace('*', String(vendorId))} HTTP/1.1`,
        'Host: 127.0.0.1',
        `Authorization: Token ${vendorToken(vendorId)}`,
        'Accept: application/json',
        'Content-Type: application/json',
        'Content-Length: ',
      ].join('\r\n');
      heads.set(vendorId, head);
    }
    return head;
  };
  const { amount, bulk } = plan;
  return (n) => {
    const { vendorId, phoneNumber, key } = charge(n);
    const item = `{"phone_number":"${phoneNumber}","amount":${amount}}`;
    const body = bulk === null ? item : `{"items":[${`${item},`.repeat(bulk).slice(0, -1)}]}`;
    return `${headOf(vendorId)}${body.length}\r\nIdempotency-Key: ${key}\r\n\r\n${body}`;
  };
}
