import { setTimeout as delay } from 'node:timers/promises';
import { findCutOff } from '../db/certificates.ts';
import type { Db } from '../db/client.ts';
import { listen } from '../db/listen.ts';
import { readWorkHint, WORK_CHANNEL } from '../db/notify.ts';
import type { Logger } from '../platform/logger.ts';

/** How often revocations are read: with this a revoked device is cut within 5 s, also when a notification is lost. */
const POLL_MS = 2_000;

/** Each poll looks back further than the last one, for commits that came late and clocks of other machines that are behind. */
const OVERLAP_MS = 10 * 60_000;

export type CutOff = { serials: ReadonlySet<string>; deviceIds: ReadonlySet<string> };

export type CutOffOptions = {
  db: Db;
  databaseUrl: string;
  now: () => Date;
  logger: Logger;
  onCutOff: (cutOff: CutOff) => void;
};

/** Tells who lost the right to be connected, every two seconds and at once after a kick. Returns how to stop. */
export function watchCutOff(options: CutOffOptions): () => Promise<void> {
  const { db, databaseUrl, now, logger, onCutOff } = options;
  const stopped = new AbortController();
  let wake = new AbortController();
  let since = new Date(now().getTime() - OVERLAP_MS);

  const loop = async () => {
    while (!stopped.signal.aborted) {
      wake = new AbortController();
      const startedAt = now();
      try {
        const { serials, deviceIds } = await findCutOff(db, since);
        if (serials.length + deviceIds.length > 0)
          onCutOff({ serials: new Set(serials), deviceIds: new Set(deviceIds) });
        since = new Date(startedAt.getTime() - OVERLAP_MS);
      } catch (error) {
        logger.warn({ err: error }, 'cannot read revocations now; trying again');
      }
      const signal = AbortSignal.any([stopped.signal, wake.signal]);
      await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const running = loop();
  const stopListening = listen(databaseUrl, WORK_CHANNEL, (payload) => {
    if (readWorkHint(payload)?.kind === 'kick') wake.abort();
  });
  return async () => {
    stopped.abort();
    await stopListening();
    await running;
  };
}
