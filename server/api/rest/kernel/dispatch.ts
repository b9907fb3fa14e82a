import { randomUUID } from 'node:crypto';
import type { Actor } from '../../../domain/access/actor.ts';
import { requirePermission } from '../../../domain/access/actor.ts';
import { AppError } from '../../../domain/errors.ts';
import type { Logger } from '../../../platform/logger.ts';
import type { Deps } from '../../../services/deps.ts';
import { failureProblem } from '../../failure.ts';
import { authenticateBearer } from './bearer.ts';
import type { Endpoint } from './endpoint.ts';
import { onceByKey } from './idempotency.ts';
import { fieldErrors } from './problem.ts';
import { readJsonBody } from './read-body.ts';

type RestDeps = Deps & { logger: Logger };

/** Finds the endpoint of a request, authenticates, parses, calls, and turns every failure into a problem. */
export async function dispatch(
  deps: RestDeps,
  endpoints: readonly Endpoint[],
  request: Request,
  path: string,
): Promise<Response> {
  const requestId = randomUUID();
  const response = await answerOrProblem(deps, endpoints, request, path, requestId);
  response.headers.set('x-request-id', requestId);
  return response;
}

async function answerOrProblem(
  deps: RestDeps,
  endpoints: readonly Endpoint[],
  request: Request,
  path: string,
  requestId: string,
): Promise<Response> {
  try {
    return await answer(deps, endpoints, request, path);
  } catch (error) {
    const detail = 'Try again; if it stays, look for this request id in the server log.';
    return failureProblem(error, { ...deps, requestId, what: 'a request failed', path, detail });
  }
}

async function answer(
  deps: RestDeps,
  endpoints: readonly Endpoint[],
  request: Request,
  path: string,
): Promise<Response> {
  const matches = endpoints.flatMap((endpoint) => {
    const params = matchPath(endpoint.path, path);
    return params ? [{ endpoint, params }] : [];
  });
  const match = matches.find(({ endpoint }) => endpoint.method === request.method);
  if (!match)
    throw noSuchCall(
      matches.map(({ endpoint }) => endpoint.method),
      path,
    );
  const { endpoint, params } = match;
  const asked = (await endpoint.authenticate?.(deps, request, params)) ?? {
    actor: await authenticateBearer(deps, request),
    request,
  };
  return run(deps, endpoint, params, asked.actor, asked.request);
}

/** Calls one endpoint for an actor whose identity is known. */
export async function run(
  deps: Deps,
  endpoint: Endpoint,
  pathParams: Record<string, string>,
  actor: Actor,
  request: Request,
): Promise<Response> {
  requirePermission(actor, endpoint.permission);
  const params = parse(endpoint.params, pathParams, 'path');
  const query = parse(endpoint.query, queryOf(request), 'query');
  const body = endpoint.body ? parse(endpoint.body, await readJsonBody(request), 'body') : undefined;
  const call = async () => {
    const result = await endpoint.handle({
      deps,
      actor,
      params: params as never,
      query: query as never,
      body,
      request,
    });
    return result instanceof Response ? result : toResponse(result);
  };
  return request.method === 'POST' && !endpoint.streamedBody && !endpoint.binaryResponse
    ? onceByKey(deps, actor.organizationId, request, body, call)
    : call();
}

function toResponse({
  status,
  body,
  headers,
}: {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}): Response {
  const isEmpty = status === 204 || body === undefined;
  return new Response(isEmpty ? null : JSON.stringify(body), {
    status,
    headers: { ...(isEmpty ? {} : { 'content-type': 'application/json' }), 'cache-control': 'no-store', ...headers },
  });
}

function parse<T>(
  schema:
    | {
        safeParse: (
          value: unknown,
        ) => { success: true; data: T } | { success: false; error: Parameters<typeof fieldErrors>[0] };
      }
    | undefined,
  value: unknown,
  where: string,
): T | undefined {
  if (!schema) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = fieldErrors(result.error);
  const [first] = fields;
  throw new AppError({
    code: 'invalid',
    reason: 'invalid_request',
    userMessage: `The ${where} is not right${first ? `: ${first.pointer} ${first.message}` : ''}.`,
    fields,
  });
}

/** `/devices/{deviceId}` against `/devices/123`. */
function matchPath(pattern: string, path: string): Record<string, string> | null {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? '';
    if (part.startsWith('{')) params[part.slice(1, -1)] = value;
    else if (part !== value) return null;
  }
  return params;
}

/** A repeated or comma-separated parameter stays text; its schema splits it. */
function queryOf(request: Request): Record<string, string> {
  return Object.fromEntries(new URL(request.url).searchParams);
}

function noSuchCall(methods: readonly string[], path: string): AppError {
  if (methods.length > 0)
    return new AppError({
      code: 'not_found',
      reason: 'method_not_allowed',
      userMessage: `${path} takes ${methods.join(', ')}.`,
      details: { allowed: methods },
    });
  return new AppError({
    code: 'not_found',
    userMessage: `There is no ${path}. The calls are listed at /api/v1/openapi.json.`,
  });
}
