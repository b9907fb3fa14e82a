import type { DesiredSlot, DesiredState } from '@flotilla/protocol';
import { findCaptureSettings } from '../../db/capture-settings.ts';
import {
  lockDesired,
  type StoredDesired,
  saveDesired,
  type WantedSlot,
  type WantedSlots,
} from '../../db/desired-states.ts';
import { notifyWork } from '../../db/notify.ts';
import { findSampling } from '../../db/predictions.ts';
import { findReleases, type StoredRelease } from '../../db/releases.ts';
import type { Scope } from '../../db/scope.ts';
import type { Deps } from '../deps.ts';

/** After this a device refuses a document it has not applied yet; the worker issues it again long before. */
const DOCUMENT_LIFE_MS = 30 * 24 * 3_600_000;

export type SlotChange = { deviceId: string; slot: string; wanted: WantedSlot | null };

/**
 * Changes what devices are told to become: one new generation per device, signed, stored and put into the outbox, in the
 * caller's transaction. A device may be named once.
 */
export async function issueDesired(deps: IssueDeps, scope: Scope, changes: readonly SlotChange[]): Promise<void> {
  const before = await lockDesired(
    scope,
    changes.map(({ deviceId }) => deviceId),
  );
  const next = changes.map(({ deviceId, slot, wanted }) => {
    const present = before.get(deviceId);
    return { deviceId, generation: (present?.generation ?? 0) + 1, slots: { ...present?.slots, [slot]: wanted } };
  });
  await signAndSave(deps, scope, next);
}

/**
 * Issues the same wishes again, as a new generation with a new time of expiry. A document that is not of the given generation any more
 * is left alone: it was issued anew meanwhile. Returns how many were issued.
 */
export async function reissueDesired(
  deps: IssueDeps,
  scope: Scope,
  due: readonly { deviceId: string; generation: number }[],
): Promise<number> {
  const before = await lockDesired(
    scope,
    due.map(({ deviceId }) => deviceId),
  );
  const next = due.flatMap(({ deviceId, generation }) => {
    const present = before.get(deviceId);
    return present?.generation === generation ? [{ deviceId, generation: generation + 1, slots: present.slots }] : [];
  });
  await signAndSave(deps, scope, next);
  return next.length;
}

type IssueDeps = Pick<Deps, 'signer' | 'now' | 'telemetryWindowS'>;

async function signAndSave(deps: IssueDeps, scope: Scope, next: readonly Next[]): Promise<void> {
  if (next.length === 0) return;
  const releases = await releasesOf(scope, next);
  const [predictions, captures] = [await findSampling(scope), await findCaptureSettings(scope)];
  const telemetry: DesiredState['telemetry'] = {
    windowS: deps.telemetryWindowS,
    logLevel: 'info',
    ...(predictions ? { predictions } : {}),
    ...(captures.isAllowed && { captures: { maxSamples: captures.maxSamples } }),
  };
  const rows = await Promise.all(next.map((each) => signOne(deps, each, releases, telemetry)));
  await saveDesired(scope, rows);
  await notifyWork(scope, { kind: 'outbox' });
}

type Next = { deviceId: string; generation: number; slots: WantedSlots };

async function releasesOf(scope: Scope, next: readonly Next[]): Promise<Map<string, StoredRelease>> {
  const ids = next.flatMap(({ slots }) => Object.values(slots).flatMap((slot) => (slot ? [slot.releaseId] : [])));
  return new Map((await findReleases(scope, ids)).map((release) => [release.id, release]));
}

async function signOne(
  deps: IssueDeps,
  { deviceId, generation, slots }: Next,
  releases: Map<string, StoredRelease>,
  telemetry: DesiredState['telemetry'],
): Promise<StoredDesired> {
  const issuedAt = deps.now();
  const expiresAt = new Date(issuedAt.getTime() + DOCUMENT_LIFE_MS);
  const document: DesiredState = {
    v: 1,
    deviceId,
    generation,
    issuedAt: issuedAt.getTime(),
    expiresAt: expiresAt.getTime(),
    trustedKeys: deps.signer.trustedKeys,
    slots: Object.fromEntries(
      Object.entries(slots).map(([slot, wanted]) => [
        slot,
        wanted && slotOf(wanted, releaseOf(releases, wanted.releaseId)),
      ]),
    ),
    telemetry,
  };
  return { deviceId, generation, slots, jws: await deps.signer.sign(document), issuedAt, expiresAt };
}

function slotOf({ releaseId: _, ...wanted }: WantedSlot, release: StoredRelease['document']): DesiredSlot {
  return { ...wanted, release };
}

function releaseOf(releases: Map<string, StoredRelease>, id: string): StoredRelease['document'] {
  const release = releases.get(id);
  if (!release) throw new Error(`release ${id} is wanted by a device, but is not there`);
  return release.document;
}
