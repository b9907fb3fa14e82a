import type { KnownDevice } from '../db/ingest/devices.ts';
import type { LiveHint } from '../db/notify.ts';
import type { ParsedMessage } from './parse-message.ts';

/** Things of one kind that a batch names to the consoles one by one. */
const MAX_NAMED = 50;

/** Stands for more than can be named. */
const MANY = '';

const hintKinds = {
  session: 'device',
  reported: 'device',
  events: 'event',
  telemetry: 'telemetry',
  log: 'log',
  reply: 'command',
} as const satisfies Record<ParsedMessage['kind'], LiveHint['kind']>;

/** What changed, once for each thing; where much of a kind did, once for all of it. */
export function liveHints(
  messages: readonly { kind: ParsedMessage['kind']; device: KnownDevice }[],
  movedRollouts: readonly { organizationId: string; rolloutId: string }[] = [],
): LiveHint[] {
  const hints = new Map<string, LiveHint>();
  const add = (hint: LiveHint) => hints.set(`${hint.kind}/${hint.id}`, hint);
  for (const { kind, device } of messages) {
    add({ organizationId: device.organizationId, kind: hintKinds[kind], id: device.id });
  }
  for (const { organizationId, rolloutId } of movedRollouts) add({ organizationId, kind: 'rollout', id: rolloutId });
  const groups = Map.groupBy(hints.values(), ({ organizationId, kind }) => `${organizationId}/${kind}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first && group.length > MAX_NAMED ? [{ ...first, id: MANY }] : group;
  });
}
