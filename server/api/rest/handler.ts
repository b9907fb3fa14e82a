import { webDeps } from '../../main/web-deps.ts';
import { endpoints } from './endpoints/index.ts';
import { dispatch } from './kernel/dispatch.ts';
import { openApiDocument } from './kernel/openapi.ts';

const PREFIX = '/api/v1';

/** The REST API. Only bearer keys count: a browser's cookie opens nothing here. */
export async function handleRest(request: Request): Promise<Response> {
  const deps = await webDeps();
  const path = decoded(new URL(request.url).pathname).slice(PREFIX.length);
  if (request.method === 'GET' && path === '/openapi.json')
    return Response.json(openApiDocument(endpoints, deps.urls.api));
  return dispatch(deps, endpoints, request, path);
}

/** A path with a broken escape stays as it is: it names nothing that is here. */
function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
