import { setTimeout as delay } from 'node:timers/promises';
import type * as z from 'zod';
import type { RolloutResource } from '../../api/rest/resources.ts';
import { isRolloutFinished } from '../../domain/rollout/states.ts';
import type { RestClient } from '../local/rest-client.ts';
import { type Decision, decisionLines, endLine } from './words.ts';

type Rollout = z.output<typeof RolloutResource>;
type Page<T> = { items: T[]; nextCursor: string | null };

/** How often the record is read. */
const READ_EVERY_MS = 1_000;
const PAGE = 200;

/**
 * Tells what is decided about a rollout, and about the one that takes it back, as it happens, and at the end what became of it. Resolves
 * with its last state: when it is over, or when it waits for a person.
 */
export async function tellRollout(
  rest: RestClient,
  id: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Rollout['state']> {
  const told = new Set<string>();
  for (;;) {
    const rollout = await rest.call<Rollout>('GET', `/rollouts/${id}`);
    const { items } = await rest.call<Page<Rollout>>('GET', '/rollouts?limit=50');
    const rollback = items.find(({ rollbackOfId }) => rollbackOfId === id) ?? null;
    const news = [rollout, ...(rollback ? [rollback] : [])].map(async (each) =>
      (await newDecisions(rest, each.id, told)).map((decision) => ({ decision, isBack: each === rollback })),
    );
    for (const { decision, isBack } of (await Promise.all(news)).flat().sort(byTime))
      for (const line of decisionLines(decision, rollout.createdAt, isBack)) say(line);
    const isAsking = rollout.state === 'paused' || rollout.state === 'pending-approval';
    if (isAsking || isRolloutFinished(rollout.state)) {
      say(endLine(rollout, rollback));
      return rollout.state;
    }
    await delay(READ_EVERY_MS, undefined, { signal });
  }
}

function byTime(a: { decision: Decision }, b: { decision: Decision }): number {
  return a.decision.at.localeCompare(b.decision.at);
}

/** Those that are not told yet, which are marked as told; oldest first. */
async function newDecisions(rest: RestClient, id: string, told: Set<string>): Promise<Decision[]> {
  const found: Decision[] = [];
  for (let cursor = ''; ; ) {
    const page = await rest.call<Page<Decision>>('GET', `/rollouts/${id}/decisions?limit=${PAGE}${cursor}`);
    const news = page.items.filter((each) => !told.has(each.id));
    found.push(...news);
    if (page.nextCursor === null || news.length < page.items.length) break;
    cursor = `&cursor=${page.nextCursor}`;
  }
  for (const decision of found) told.add(decision.id);
  return found.reverse();
}
