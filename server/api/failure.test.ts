import { expect, it } from 'vitest';
import { createDb, type Db } from '../db/client.ts';
import { type LogLine, recordingLogger } from '../testing/logger.ts';
import { apiKey, restCalls } from '../testing/rest-calls.ts';
import { fileFleet } from '../testing/test-fleet.ts';
import { LiveHub } from './live/hub.ts';
import { createAppCaller } from './trpc/root.ts';

let key: string;

const fleet = fileFleet(async ({ deps, ours }) => {
  key = await apiKey(deps, ours.owner);
});
const sentence = 'The database does not answer, or has too much to do. Try again in a few seconds.';

const away = () => createDb('postgres://127.0.0.1:1/none', 1);

/** What REST answers with this database, and what it wrote into the log. */
async function answerWith(db: Db): Promise<{ response: Response; lines: LogLine[] }> {
  const { logger, lines } = recordingLogger();
  const response = await restCalls(() => ({ deps: { ...fleet.deps, logger, db }, key }))('GET', '/devices');
  return { response, lines };
}

it('REST tells of a database that is away, and when to try again', async () => {
  const { response, lines } = await answerWith(away());
  const problem = await response.json();
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  expect(problem).toMatchObject({ code: 'database_unavailable', detail: sentence });
  expect(lines).toMatchObject([{ msg: 'a request failed', level: 'error', requestId: problem.requestId }]);
});

it('REST tells of a bug no more than where to look for it', async () => {
  const { response, lines } = await answerWith(null as never);
  const problem = await response.json();
  expect(response.status).toBe(500);
  expect(problem).toMatchObject({ code: 'internal' });
  expect(JSON.stringify(problem)).not.toMatch(/null|undefined/);
  expect(lines).toMatchObject([{ msg: 'a request failed', level: 'error', requestId: problem.requestId }]);
});

it('the console is told of a database that is away', async () => {
  const { organizationId, owner } = fleet.ours;
  const membership = { organizationId, slug: 'ours', name: 'Ours', role: 'owner' } as const;
  const user = { userId: owner.userId, name: 'A', email: 'a@example.test', sessionId: 'x', memberships: [membership] };
  const hub = new LiveHub(fleet.databaseUrl);
  const caller = createAppCaller({ deps: { ...fleet.deps, db: away() }, user, hub, requestId: 'test' });
  await expect(caller.models.list({ org: 'ours' })).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    message: sentence,
  });
});
