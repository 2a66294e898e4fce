import type { IncomingHttpHeaders } from 'node:http';
import type { Locale } from '@b2b-charge/http/messages/index';
import type { z } from 'zod';
import type { Desk } from '../desk.ts';
import type { Notice } from '../notices.ts';
import type { Operator, Role } from '../operators/operator.ts';
import type { Formats } from '../parts/formats.ts';
import type { ConsoleReply } from './reply.ts';

export type Theme = 'auto' | 'light' | 'dark';

/** Who looks at the console, and how. */
export interface Visit {
  readonly operator: Operator | null;
  readonly sessionId: string | null;
  /** For the hidden field of every form; `form()` puts it there. */
  readonly csrf: string;
  readonly locale: Locale;
  readonly theme: Theme;
  readonly formats: Formats;
  readonly address: string;
  readonly requestId: string;
  /** The path with its query, and without a notice. */
  readonly path: string;
  readonly notice: Notice | null;
  readonly headers: IncomingHttpHeaders;
}

export type Access = 'public' | readonly Role[];

export interface PageRequest<A extends Access, P, I> extends Visit {
  readonly operator: A extends 'public' ? Operator | null : Operator;
  readonly params: P;
  /** The query of a page, the form of an act. Fields left empty are not there. */
  readonly input: I;
}

interface Described {
  /** Unique; also the name in metrics. */
  readonly id: string;
  /** With the trailing slash; served without it too. Parameters as in "/admin/vendors/:id/". */
  readonly path: `/admin/${string}`;
  /** A place in the menu, in the order of the numbers; shown to those who may open it. */
  readonly menu?: { readonly order: number; readonly text: Readonly<Record<Locale, string>> };
}

interface Spec<A extends Access, P extends z.ZodType, I extends z.ZodType> extends Described {
  readonly access: A;
  readonly params?: P;
  readonly input?: I;
  handle(request: PageRequest<A, z.output<P>, z.output<I>>, desk: Desk): Promise<ConsoleReply> | ConsoleReply;
}

interface ActSpec<A extends Access, P extends z.ZodType, I extends z.ZodType> extends Spec<A, P, I> {
  /** What stands in the trail: the name of the act, e.g. "vendor.suspend"; null only for what changes nothing. */
  readonly trail: {
    readonly act: string;
    target(request: PageRequest<A, z.output<P>, z.output<I>>): string;
    details?(request: PageRequest<A, z.output<P>, z.output<I>>): Record<string, unknown>;
  } | null;
  /** Shows the form again, with what was wrong with it; without this a page of its own says so. */
  again?(
    request: PageRequest<A, z.output<P>, Readonly<Record<string, unknown>>>,
    problem: Problem,
    desk: Desk,
  ): Promise<ConsoleReply> | ConsoleReply;
}

/** Why a form was not taken, in the reader's language. */
export interface Problem {
  readonly message: string;
  /** Sentences by field. */
  readonly fields: ReadonlyMap<string, string>;
}

type Untyped = PageRequest<'public', unknown, unknown>;

/** A page or an act with its types erased: what the pipeline, the menu and the tests of all routes work with. */
export interface Page extends Described {
  readonly method: 'GET' | 'POST';
  readonly access: Access;
  /** Whether a request needs the token of its session's forms, from a page of this site. All acts do. */
  readonly needsToken: boolean;
  readonly params: z.ZodType | undefined;
  readonly input: z.ZodType | undefined;
  readonly trail:
    | { act: string; target(request: Untyped): string; details?(request: Untyped): Record<string, unknown> }
    | null
    | undefined;
  again?(request: Untyped, problem: Problem, desk: Desk): Promise<ConsoleReply> | ConsoleReply;
  handle(request: Untyped, desk: Desk): Promise<ConsoleReply> | ConsoleReply;
}

const erase = (spec: object, more: Pick<Page, 'method' | 'needsToken'>): Page =>
  ({ params: undefined, input: undefined, trail: undefined, ...spec, ...more }) as unknown as Page;

/** Something to look at: GET, changes nothing. */
export const definePage = <
  A extends Access,
  P extends z.ZodType = z.ZodUndefined,
  I extends z.ZodType = z.ZodUndefined,
>(
  spec: Spec<A, P, I>,
): Page => erase(spec, { method: 'GET', needsToken: false });

/** Something to do: POST of a form, with its token, and in the trail. */
export const defineAct = <
  A extends Access,
  P extends z.ZodType = z.ZodUndefined,
  I extends z.ZodType = z.ZodUndefined,
>(
  spec: ActSpec<A, P, I>,
): Page => erase(spec, { method: 'POST', needsToken: true });
