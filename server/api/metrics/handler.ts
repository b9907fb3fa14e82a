import { isAppError } from '../../domain/errors.ts';
import { webDeps } from '../../main/web-deps.ts';
import { fleetMetrics } from '../../queries/fleet-metrics.ts';
import { authenticateBearer } from '../rest/kernel/bearer.ts';
import { problemOf } from '../rest/kernel/problem.ts';
import { CONTENT_TYPE, exposition } from './exposition.ts';

/** The fleet of the API key's organization, for Prometheus to scrape. */
export async function handleMetrics(request: Request): Promise<Response> {
  const deps = await webDeps();
  try {
    const actor = await authenticateBearer(deps, request);
    const text = await exposition(await fleetMetrics(deps, actor));
    return new Response(text, { headers: { 'content-type': CONTENT_TYPE, 'cache-control': 'no-store' } });
  } catch (error) {
    if (isAppError(error)) return problemOf(error, crypto.randomUUID());
    throw error;
  }
}
