import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { ErrorCode } from './errors.ts';
import type { Locale } from './messages/index.ts';
import type { Reply } from './reply.ts';
import type { AdminPrincipal, Principal, VendorPrincipal } from './tokens/principal.ts';

/** Who may call: everyone, a vendor's token, an admin's token, either of the two. */
export type Access = 'public' | 'vendor' | 'admin' | 'any';
type PrincipalOf<A extends Access> = A extends 'vendor'
  ? VendorPrincipal
  : A extends 'admin'
    ? AdminPrincipal
    : A extends 'any'
      ? Principal
      : null;

export type Tag = 'charges' | 'credits' | 'vendors' | 'transactions' | 'webhooks' | 'admin' | 'system';

export interface RouteRequest<A extends Access, P, Q, B> {
  readonly principal: PrincipalOf<A>;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly headers: IncomingHttpHeaders;
  readonly requestId: string;
  readonly locale: Locale;
}

interface Described {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Without version, with the trailing slash; paths.ts derives the others. Parameters as in "/api/charges/:id/". */
  readonly path: `/${string}`;
  /** True for health and metrics: they belong to the installation, so their paths have no version. */
  readonly operational?: boolean;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: Tag;
  /** Codes that the handler itself may answer, beyond those that every route of its kind may. */
  readonly errors: readonly ErrorCode[];
  /** The schema of `data` by success status; null where the answer is no JSON envelope. */
  readonly replies: Readonly<Record<number, z.ZodType | null>>;
  /** Content types of a 200 beside or instead of JSON. */
  readonly media?: readonly string[];
  /** Left out of the OpenAPI document: the documents themselves. */
  readonly hidden?: boolean;
  /** Whether the Idempotency-Key header means something here. */
  readonly takesKey?: boolean;
}

interface Spec<S, A extends Access, P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>
  extends Described {
  readonly access: A;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Points of the rate limit; one unless told. */
  cost?(body: z.output<B>): number;
  handle(request: RouteRequest<A, z.output<P>, z.output<Q>, z.output<B>>, service: S): Promise<Reply> | Reply;
}

/** A route of service S with its other types erased, for the router, the pipeline and the documents. */
export interface Route<S = unknown> extends Described {
  readonly access: Access;
  readonly params: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  readonly cost: ((body: unknown) => number) | undefined;
  handle(
    request: Omit<RouteRequest<Access, unknown, unknown, unknown>, 'principal'> & {
      principal: Principal | null;
    },
    service: S,
  ): Promise<Reply> | Reply;
}

/** Returns the function that defines the routes of service S, whose handlers get S as their second argument. */
export const routesOf =
  <S>() =>
  <
    A extends Access,
    P extends z.ZodType = z.ZodUndefined,
    Q extends z.ZodType = z.ZodUndefined,
    B extends z.ZodType = z.ZodUndefined,
  >(
    spec: Spec<S, A, P, Q, B>,
  ): Route<S> =>
    ({
      params: undefined,
      query: undefined,
      body: undefined,
      cost: undefined,
      ...spec,
    }) as unknown as Route<S>;
