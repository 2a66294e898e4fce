import type { IncomingMessage } from 'node:http';
import type { AddressOf } from '@b2b-charge/http/client-address';
import { Refusal } from '@b2b-charge/http/errors';
import type { HttpContext } from '@b2b-charge/http/pipeline';
import { traceRequests } from '@b2b-charge/http/tracing/trace-requests';
import { isAway } from '@b2b-charge/runtime';
import type { Desk } from '../desk.ts';
import { type Act, type ActEnd, beginAct, endAct } from '../operators/acts.ts';
import { isSameOrigin, isToken, TOKEN_FIELD } from '../session/forgery.ts';
import { answer } from './answer.ts';
import { type Fields, readForm } from './form-body.ts';
import type { Page, Visit } from './page.ts';
import { fieldsRefused, forged, problemOf, refused, sessionEnded, wrongRole } from './problems.ts';
import { type ConsoleReply, redirect } from './reply.ts';
import { type Arrival, receive } from './visit.ts';

interface Tools {
  readonly desk: Desk;
  readonly pages: readonly Page[];
  readonly addressOf: AddressOf;
  requestId(given: string | string[] | undefined): string;
}

/** A page's handler, traced where traces are collected. */
export function createPageHandler(page: Page, tools: Tools) {
  const handle = createPlainHandler(page, tools);
  const { tracing } = tools.desk.backoffice;
  return tracing ? traceRequests(tracing, page, handle) : handle;
}

/** Session, role, origin and token, validation, trail, handler: the same for every page. */
function createPlainHandler(page: Page, { desk, pages, addressOf, requestId }: Tools) {
  const { backoffice } = desk;
  const answered = backoffice.metrics.operation(`console:${page.id}`);
  return async (context: HttpContext): Promise<Response> => {
    const startedAt = performance.now();
    const { incoming } = context.env;
    const circumstances = {
      address: addressOf(incoming),
      requestId: requestId(incoming.headers['x-request-id']),
    };
    let arrival = await receive(incoming, desk, circumstances).catch((error: unknown) => {
      backoffice.log.warn({ err: error }, 'sessions cannot be read');
      return null;
    });
    let reply: ConsoleReply;
    if (arrival === null) {
      arrival = await receive(withoutCookies(incoming), desk, circumstances);
      reply = refused(arrival.visit, 'UNAVAILABLE');
    } else reply = await serve(page, desk, incoming, arrival, context.req.param());
    const response = await answer(reply, { visit: arrival.visit, page, pages, cookies: arrival.cookies });
    answered(response.status, (performance.now() - startedAt) / 1_000);
    return response;
  };
}

/** A visitor of whom nothing is known: all that is left when Redis or PostgreSQL is away. */
const withoutCookies = (incoming: IncomingMessage): IncomingMessage =>
  Object.create(incoming, { headers: { value: { ...incoming.headers, cookie: undefined } } });

async function serve(
  page: Page,
  desk: Desk,
  incoming: IncomingMessage,
  { visit, query }: Arrival,
  params: unknown,
): Promise<ConsoleReply> {
  try {
    const stopped = admit(page, visit);
    if (stopped) return stopped;
    if (!page.needsToken) return await page.handle(readInput(page, visit, params, query), desk);
    if (!isSameOrigin(visit.headers)) return suspicious(desk, visit, 'CROSS_SITE');
    const { [TOKEN_FIELD]: token, ...form } = await readForm(incoming);
    if (!isToken(token, visit.csrf)) return suspicious(desk, visit, 'BAD_FORM_TOKEN');
    return await act(page, desk, visit, params, form);
  } catch (error) {
    return replyOf(error, desk, page, visit);
  }
}

/** Null if this visitor may come in. */
function admit(page: Page, visit: Visit): ConsoleReply | null {
  if (page.access === 'public') return null;
  if (!visit.operator) {
    if (page.method === 'POST') return sessionEnded(visit);
    return redirect(`/admin/sign-in/?next=${encodeURIComponent(visit.path)}`);
  }
  return page.access.includes(visit.operator.role) ? null : wrongRole(visit);
}

function suspicious({ backoffice }: Desk, visit: Visit, event: string): ConsoleReply {
  const { address, path, operator, requestId } = visit;
  backoffice.refusals.write({
    event,
    address,
    path: path.slice(0, 200),
    operator: operator?.username,
    request_id: requestId,
  });
  return forged(visit);
}

type Request = Parameters<Page['handle']>[0];

/** Throws Refusal naming every bad field; an address that makes no sense is one of nothing. */
function readInput(page: Page, visit: Visit, params: unknown, given: Fields): Request {
  const place = page.params?.safeParse(params);
  if (place && !place.success) throw new Refusal('NOT_FOUND');
  const input = page.input?.safeParse(given);
  if (input && !input.success) {
    throw new Refusal('VALIDATION_ERROR', {
      details: { fields: fieldsRefused(input.error, given, visit.locale) },
    });
  }
  return { ...visit, params: place?.data, input: input?.data };
}

/** Does an act, with its beginning and its end in the trail. */
async function act(
  page: Page,
  desk: Desk,
  visit: Visit,
  params: unknown,
  form: Fields,
): Promise<ConsoleReply> {
  const { backoffice } = desk;
  let begun: { id: string; row: Act } | null = null;
  const end = async (how: ActEnd, noted: Record<string, unknown>) => {
    if (begun) await endAct(backoffice.db, begun.id, { ...begun.row, details: noted }, how);
  };
  try {
    const request = readInput(page, visit, params, form);
    const row = actOf(page, request);
    if (row) begun = { id: await beginAct(backoffice.db, row), row };
    const reply = await page.handle(request, desk);
    await end('done', { ...reply.noted });
    return reply;
  } catch (error) {
    const refusal = error instanceof Refusal ? error : null;
    await end(refusal ? 'refused' : 'failed', refusal ? { code: refusal.code } : {}).catch((fault: unknown) =>
      backoffice.log.error(
        { err: fault, requestId: visit.requestId },
        'the end of an act is not in the trail',
      ),
    );
    if (!refusal || !page.again || refusal.code === 'NOT_FOUND') throw error;
    const place = page.params?.safeParse(params).data;
    const again = await page.again(
      { ...visit, params: place, input: form },
      problemOf(refusal, visit.locale),
      desk,
    );
    return again;
  }
}

function actOf(page: Page, request: Request): Act | null {
  if (!page.trail) return null;
  return {
    operator: request.operator?.username ?? 'nobody',
    act: page.trail.act,
    target: page.trail.target(request),
    address: request.address,
    requestId: request.requestId,
    details: page.trail.details?.(request) ?? {},
  };
}

/** A fault is logged and says nothing about itself. */
function replyOf(error: unknown, { backoffice }: Desk, page: Page, visit: Visit): ConsoleReply {
  if (error instanceof Refusal && error.code !== 'INTERNAL')
    return refused(visit, error.code, problemOf(error, visit.locale));
  const away = isAway(error);
  const fields = { err: error, page: page.id, requestId: visit.requestId };
  if (away) backoffice.log.warn(fields, 'a dependency is away');
  else backoffice.log.error(fields, 'fault');
  return refused(visit, away ? 'UNAVAILABLE' : 'INTERNAL');
}
