import type { Retries } from './plan-limits.ts';
import type { WaveMember } from './thresholds.ts';

type Tried = Pick<WaveMember, 'deploymentId' | 'state' | 'stateSince' | 'notifiedAt' | 'tries'>;

/** The wait doubles at most this often. */
const MAX_DOUBLINGS = 8;

/** Share of the wait that is spread over the devices, so that those that failed together do not come back together. */
const SPREAD = 0.25;

/** Will the server tell this device again? A rejection is the device's word that it is of no use. */
export function isRetryable({ state, notifiedAt, tries }: Tried, { count }: Retries): boolean {
  return (state === 'failed' || state === 'timed-out') && notifiedAt !== null && tries <= count;
}

/** When it is told again: after the wait, doubled with each try, and up to a quarter longer, the same for every look at it. */
export function retryAt({ deploymentId, stateSince, tries }: Tried, { backoffS }: Retries): Date {
  const waitS = backoffS * 2 ** Math.min(MAX_DOUBLINGS, Math.max(0, tries - 1));
  return new Date(stateSince.getTime() + waitS * (1 + SPREAD * shareOf(`${deploymentId} ${tries}`)) * 1000);
}

/** A number from 0 to 1 that looks random and is not (FNV-1a): a decision needs no dice. */
function shareOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}
