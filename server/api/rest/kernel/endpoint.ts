import type * as z from 'zod';
import type { Actor } from '../../../domain/access/actor.ts';
import type { Permission } from '../../../domain/access/permissions.ts';
import type { Deps } from '../../../services/deps.ts';

/** What a handler gives back: JSON by default, or bytes of its own. */
export type RestResult<T> = { status: number; body: T; headers?: Record<string, string> };

export type RestContext<P, Q, B> = { deps: Deps; actor: Actor; params: P; query: Q; body: B; request: Request };

type Shape = z.ZodObject;

/** One call of the REST API. The OpenAPI document is made from the same object that answers the call. */
export type Endpoint<
  P extends Shape = Shape,
  Q extends Shape = Shape,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, with parameters in braces. */
  path: string;
  operationId: string;
  tag: string;
  summary: string;
  description?: string;
  permission: Permission;
  /** Who asks, where it is not by an API key, and the request with its body still to be read. @throws AppError `unauthenticated` */
  authenticate?: (
    deps: Deps,
    request: Request,
    params: Record<string, string>,
  ) => Promise<{ actor: Actor; request: Request }>;
  params?: P;
  query?: Q;
  /** JSON body. */
  body?: B;
  /** A body that the handler reads as a stream, by media type. */
  streamedBody?: Record<string, { schema: object; description?: string }>;
  status: number;
  response?: R;
  /** The media types of a response that is not JSON. It is never kept to be given again: such calls change nothing. */
  binaryResponse?: readonly string[];
  handle: (context: RestContext<z.output<P>, z.output<Q>, z.output<B>>) => Promise<RestResult<z.input<R>> | Response>;
};

/** Keeps the types of one endpoint while it is written, and forgets them in the list of all. */
export function endpoint<P extends Shape, Q extends Shape, B extends z.ZodType, R extends z.ZodType>(
  definition: Endpoint<P, Q, B, R>,
): Endpoint {
  return definition as unknown as Endpoint;
}
