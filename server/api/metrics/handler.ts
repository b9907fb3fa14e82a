import { randomUUID } from 'node:crypto';
import { webDeps } from '../../main/web-deps.ts';
import { fleetMetrics } from '../../queries/fleet-metrics.ts';
import { failureProblem } from '../failure.ts';
import { authenticateBearer } from '../rest/kernel/bearer.ts';
import { CONTENT_TYPE, exposition } from './exposition.ts';

/** The fleet of the API key's organization, for Prometheus to scrape. */
export async function handleMetrics(request: Request): Promise<Response> {
  const deps = await webDeps();
  try {
    const actor = await authenticateBearer(deps, request);
    const text = await exposition(await fleetMetrics(deps, actor));
    return new Response(text, { headers: { 'content-type': CONTENT_TYPE, 'cache-control': 'no-store' } });
  } catch (error) {
    const [requestId, detail] = [randomUUID(), 'Try again; if it stays, look for this request id in the server log.'];
    return failureProblem(error, { ...deps, requestId, what: 'metrics could not be read', detail });
  }
}
