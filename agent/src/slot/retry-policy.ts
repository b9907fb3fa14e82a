import type { KnownReasonCode, Phase, Reason } from '@flotilla/protocol';
import { backoffMs } from '../backoff.ts';
import type { Penalty } from './state.ts';

/** Failures of one release on this device before it goes into the penalty box, and how long it stays there. */
export const MAX_FAILURES = 3;
export const PENALTY_MS = 24 * 3_600_000;

/** First wait before a failed release is tried again; doubles with each failure. */
const RETRY_FIRST_MS = 10_000;
const RETRY_LONGEST_MS = 10 * 60_000;

/** Releases remembered with their failures; the oldest is forgotten beyond it. */
const MAX_PENALTIES = 16;

/** The fault of the network or of the engine, not of the release: tried for ever, in place, going on where it stopped. */
const persistent = new Map<KnownReasonCode, readonly Phase[]>([
  ['download.network', ['downloading']],
  ['download.too_slow', ['downloading']],
  ['container.engine_away', ['accepted', 'downloading', 'verifying', 'staging', 'proving']],
]);

/** May pass by itself, so the device tries the whole way again. Every other failure is the same the next time. */
const passing = new Set<KnownReasonCode>([
  'download.not_found',
  'download.too_large',
  'verify.digest',
  'verify.size',
  'storage.full',
  'storage.io',
  'release.memory',
  'container.engine',
  'container.engine_away',
  'container.registry_auth',
  'runner.start',
  'runner.crashed',
  'runner.oom_killed',
  'runner.timeout',
  'agent.restarted',
]);

export function isPersistent(code: KnownReasonCode, phase: Phase): boolean {
  return persistent.get(code)?.includes(phase) ?? false;
}

/** The wait before going on with something that is tried for ever. */
export function persistentRetryAt(attempts: number, jitter: number, now: number): number {
  return now + backoffMs(attempts, jitter);
}

/** Counts a failure of a release and says what the device will do about it by itself. */
export function judgeFailure(
  penalties: Penalty[],
  failure: { releaseId: string; code: KnownReasonCode; detail: string; jitter: number },
  now: number,
): { penalties: Penalty[]; reason: Reason; failures: number } {
  const { releaseId, code, detail, jitter } = failure;
  const failures = (penalties.find((each) => each.releaseId === releaseId)?.failures ?? 0) + 1;
  const isBoxed = failures >= MAX_FAILURES;
  const until = isBoxed ? { until: now + PENALTY_MS } : {};
  const others = penalties.filter((each) => each.releaseId !== releaseId).slice(-(MAX_PENALTIES - 1));
  const nextTryAt = isBoxed
    ? now + PENALTY_MS
    : now + backoffMs(failures - 1, jitter, RETRY_FIRST_MS, RETRY_LONGEST_MS);
  const reason: Reason = passing.has(code)
    ? { code, detail: detail.slice(0, 1000), retry: 'later', nextTryAt }
    : { code, detail: detail.slice(0, 1000), retry: 'never' };
  return { penalties: [...others, { releaseId, failures, ...until }], reason, failures };
}

/** Until when this release is in the penalty box; null when it is not. */
export function penaltyUntil(penalties: Penalty[], releaseId: string, now: number): number | null {
  const until = penalties.find((each) => each.releaseId === releaseId)?.until;
  return until !== undefined && until > now ? until : null;
}
