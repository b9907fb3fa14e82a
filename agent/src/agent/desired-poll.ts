import { POLL_AFTER_OFFLINE_MS, POLL_EVERY_MS, type PollPorts, pollDesired } from '../connection/poll-desired.ts';
import { delay } from '../delay.ts';
import { type Logger, messageOf } from '../logger.ts';

/** Asks over HTTPS for as long as MQTT cannot connect. A minute's wait is spread by half of it over the fleet. */
export async function keepPolling(
  ports: {
    poll: () => PollPorts;
    offlineMs: () => number;
    onDesired: (jws: string) => Promise<void>;
    logger: Logger;
    random: () => number;
  },
  signal: AbortSignal,
): Promise<void> {
  let etag: string | null = null;
  while (!signal.aborted) {
    await delay(POLL_EVERY_MS * (0.75 + 0.5 * ports.random()), signal);
    if (signal.aborted || ports.offlineMs() < POLL_AFTER_OFFLINE_MS) continue;
    try {
      const answer = await pollDesired(ports.poll(), etag);
      if (!answer) continue;
      etag = answer.etag;
      await ports.onDesired(answer.jws);
    } catch (error) {
      ports.logger.log('warn', `no desired state over HTTPS either: ${messageOf(error)}`);
    }
  }
}
