import type { AgentPackages, DesiredSlot, DesiredState, Release } from '@flotilla/protocol';
import { findAgentVersions } from '../../db/agent-versions.ts';
import {
  lockDesired,
  type StoredDesired,
  saveDesired,
  type WantedAgent,
  type WantedSlot,
  type WantedSlots,
} from '../../db/desired-states.ts';
import { findDeviceSettings } from '../../db/device-settings.ts';
import { findReleaseDocuments } from '../../db/releases.ts';
import type { Scope } from '../../db/scope.ts';
import type { Deps } from '../deps.ts';

/** After this a device refuses a document it has not applied yet; the worker issues it again long before. */
const DOCUMENT_LIFE_MS = 30 * 24 * 3_600_000;

export type SlotChange = { deviceId: string; slot: string; wanted: WantedSlot | null };
export type AgentChange = { deviceId: string; agent: WantedAgent | null };

/**
 * Changes what devices are told to become: one new generation per device, signed, stored and put into the outbox, in the
 * caller's transaction. A device may be named once.
 */
export async function issueDesired(deps: IssueDeps, scope: Scope, changes: readonly SlotChange[]): Promise<void> {
  await change(deps, scope, changes, ({ slots, agent }, { slot, wanted }) => ({
    slots: { ...slots, [slot]: wanted },
    agent,
  }));
}

/** Changes which agent devices shall run, as {@link issueDesired} does their slots. */
export async function issueAgent(deps: IssueDeps, scope: Scope, changes: readonly AgentChange[]): Promise<void> {
  await change(deps, scope, changes, ({ slots }, { agent }) => ({ slots, agent }));
}

async function change<Change extends { deviceId: string }>(
  deps: IssueDeps,
  scope: Scope,
  changes: readonly Change[],
  apply: (present: Wanted, each: Change) => Wanted,
): Promise<void> {
  const before = await lockDesired(
    scope,
    changes.map(({ deviceId }) => deviceId),
  );
  const next = changes.map((each) => {
    const { generation, ...present } = before.get(each.deviceId) ?? { generation: 0, slots: {}, agent: null };
    return { deviceId: each.deviceId, generation: generation + 1, ...apply(present, each) };
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
    return present?.generation === generation ? [{ ...present, deviceId, generation: generation + 1 }] : [];
  });
  await signAndSave(deps, scope, next);
  return next.length;
}

type IssueDeps = Pick<Deps, 'signer' | 'now' | 'telemetryWindowS'>;

async function signAndSave(deps: IssueDeps, scope: Scope, next: readonly Next[]): Promise<void> {
  if (next.length === 0) return;
  const releases = await releasesOf(scope, next);
  const agents = await agentsOf(scope, next);
  const { predictions, captures } = await findDeviceSettings(scope);
  const telemetry: DesiredState['telemetry'] = {
    windowS: deps.telemetryWindowS,
    logLevel: 'info',
    ...(predictions ? { predictions } : {}),
    ...(captures.isAllowed && { captures: { maxSamples: captures.maxSamples } }),
  };
  const rows = await Promise.all(next.map((each) => signOne(deps, each, { releases, agents }, telemetry)));
  await saveDesired(scope, rows);
}

type Wanted = { slots: WantedSlots; agent: WantedAgent | null };
type Next = Wanted & { deviceId: string; generation: number };
type Named = { releases: Map<string, Release>; agents: Map<string, AgentPackages> };

function releasesOf(scope: Scope, next: readonly Next[]): Promise<Map<string, Release>> {
  const ids = next.flatMap(({ slots }) => Object.values(slots).flatMap((slot) => (slot ? [slot.releaseId] : [])));
  return findReleaseDocuments(scope, ids);
}

/** The packages of every agent that is wanted, by its version. */
async function agentsOf(scope: Scope, next: readonly Next[]): Promise<Map<string, AgentPackages>> {
  const versions = next.flatMap(({ agent }) => (agent ? [agent.version] : []));
  if (versions.length === 0) return new Map();
  return new Map((await findAgentVersions(scope.tx, versions)).map(({ version, packages }) => [version, packages]));
}

async function signOne(
  deps: IssueDeps,
  { deviceId, generation, slots, agent }: Next,
  { releases, agents }: Named,
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
    ...(agent && { agent: { ...agent, packages: agents.get(agent.version) ?? {} } }),
  };
  return { deviceId, generation, slots, agent, jws: await deps.signer.sign(document), issuedAt, expiresAt };
}

function slotOf({ releaseId: _, ...wanted }: WantedSlot, release: Release): DesiredSlot {
  return { ...wanted, release };
}

function releaseOf(releases: Map<string, Release>, id: string): Release {
  const release = releases.get(id);
  if (!release) throw new Error(`release ${id} is wanted by a device, but is not there`);
  return release;
}
