import type { KeyObject } from 'node:crypto';
import { backoffMs } from '../backoff.ts';
import { delay } from '../delay.ts';
import type { Identity } from '../identity/identity.ts';
import { renewAtMs, renewIdentity } from '../identity/renew.ts';
import { type Logger, messageOf } from '../logger.ts';

/** How often the certificate's age is looked at; also the longest wait between two tries. */
const LOOK_EVERY_MS = 3_600_000;
const FIRST_RETRY_MS = 10_000;

export type RenewalPorts = {
  identity: () => Identity;
  key: KeyObject;
  save: (identity: Identity) => Promise<void>;
  logger: Logger;
  now: () => number;
  random: () => number;
};

/** Renews the certificate when a third of its life is left, and keeps trying, also after it has expired. */
export async function keepRenewed(ports: RenewalPorts, signal: AbortSignal): Promise<void> {
  for (let attempt = 0; !signal.aborted; ) {
    const isDue = ports.now() >= renewAtMs(ports.identity().certificate);
    if (isDue && (await tryRenew(ports))) attempt = 0;
    else if (isDue) attempt += 1;
    const waitMs = attempt > 0 ? backoffMs(attempt, ports.random(), FIRST_RETRY_MS, LOOK_EVERY_MS) : LOOK_EVERY_MS;
    await delay(waitMs, signal);
  }
}

async function tryRenew(ports: RenewalPorts): Promise<boolean> {
  try {
    await ports.save(await renewIdentity(ports.identity(), ports.key, ports.now()));
    ports.logger.log('info', 'the certificate was renewed');
    return true;
  } catch (error) {
    ports.logger.log('warn', `the certificate could not be renewed: ${messageOf(error)}`);
    return false;
  }
}
