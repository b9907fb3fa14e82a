import { LIVE_CHANNEL, type LiveHint, WORK_CHANNEL, type WorkHint } from '../notify.ts';
import type { Write } from './together.ts';

/** Notifies open consoles and the engine when the transaction commits; null when there is nothing to say. A write that has to come last. */
export function hintsWrite(live: readonly LiveHint[], work: readonly WorkHint[]): Write | null {
  const all = [
    ...live.map((hint) => [LIVE_CHANNEL, hint] as const),
    ...work.map((hint) => [WORK_CHANNEL, hint] as const),
  ];
  if (all.length === 0) return null;
  return {
    text: 'SELECT pg_notify(c, p) FROM unnest($1::text[], $2::text[]) AS g (c, p)',
    values: [all.map(([channel]) => channel), all.map(([, hint]) => JSON.stringify(hint))],
  };
}
