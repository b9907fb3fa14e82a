import { type AgentReport, type Reason, reasonSentence } from '@flotilla/protocol';
import { findAgentReport } from '../db/agent-upgrades.ts';
import { listAgentVersions } from '../db/agent-versions.ts';
import { listDeployments, type StoredDeployment } from '../db/deployments.ts';
import { findDesired } from '../db/desired-states.ts';
import {
  type CertificateView,
  listCertificates,
  listRefused,
  listSlots,
  type RefusedView,
  type SlotRow,
} from '../db/device-detail.ts';
import { type DeviceRow, listDeviceRows } from '../db/device-list.ts';
import { listPowerSamples } from '../db/device-power.ts';
import { findListening } from '../db/listening.ts';
import { findReleases, type StoredRelease } from '../db/releases.ts';
import { forTenant } from '../db/scope.ts';
import { type Actor, requirePermission } from '../domain/access/actor.ts';
import { type DeviceStatus, deviceStatus } from '../domain/device/status.ts';
import { notFound } from '../domain/errors.ts';
import { type BatteryOutlook, batteryOutlook, idleShare } from '../domain/telemetry/power-outlook.ts';
import type { Deps } from '../services/deps.ts';
import { recentByDevice } from './device-table.ts';
import { type ReleaseName, releaseNames } from './release-names.ts';

export type DeploymentView = StoredDeployment & {
  release: ReleaseName | null;
  previousRelease: ReleaseName | null;
  sentence: string | null;
};

export type DevicePage = {
  device: DeviceRow;
  status: DeviceStatus;
  powerSources: string[];
  /** Of the last hour: the share of the energy that an idle board uses too, and how long the battery lasts. */
  power: { idleShare: number | null; battery: BatteryOutlook | null };
  slots: (SlotRow & { release: StoredRelease | null })[];
  /** What the server wants of each slot, and whether the device has accepted it. */
  desired: {
    generation: number;
    acceptedGeneration: number;
    slots: { slot: string; release: ReleaseName | null }[];
  } | null;
  /** Newest first. The first one answers "why is this device not updating?". */
  deployments: DeploymentView[];
  certificates: CertificateView[];
  refused: RefusedView[];
  /** What the agent says of itself (null: it does not know upgrades), why it stands where it does, and what it could become. */
  agent: { report: AgentReport | null; sentence: string | null; newest: string | null };
};

/** How far back the rate of a battery is looked for. */
const POWER_MS = 3_600_000;

/** Everything about one device but its charts and events, which have their own queries. */
export async function devicePage(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  input: { deviceId: string },
): Promise<DevicePage> {
  requirePermission(actor, 'devices:read');
  const scope = forTenant(deps.db, actor.organizationId);
  const now = deps.now();
  const [device] = await listDeviceRows(scope, { ids: [input.deviceId], limit: 1, includeDecommissioned: true });
  if (!device) throw notFound('device');
  const [slots, desired, deployments, certificates, refused, recent, power, listening, report, versions] =
    await Promise.all([
      listSlots(scope, device.id),
      findDesired(scope, device.id),
      listDeployments(scope, { deviceId: device.id, limit: 20 }),
      listCertificates(scope, device.id),
      listRefused(scope, device.id),
      recentByDevice(scope, now, [device.id]),
      listPowerSamples(scope, device.id, new Date(now.getTime() - POWER_MS)),
      findListening(scope.tx),
      findAgentReport(scope, device.id),
      listAgentVersions(deps.db),
    ]);
  const wanted = Object.entries(desired?.slots ?? {});
  const names = await releaseNames(scope, [
    ...deployments.flatMap((each) => [each.releaseId, each.previousReleaseId]),
    ...wanted.map(([, slot]) => slot?.releaseId ?? null),
  ]);
  const serving = await findReleases(
    scope,
    slots.flatMap((slot) => (slot.servingReleaseId ? [slot.servingReleaseId] : [])),
  );
  const bucket = recent.get(device.id);
  return {
    device,
    status: deviceStatus(device, bucket ?? null, now, listening),
    powerSources: bucket?.powerSources ?? [],
    power: { idleShare: idleShare(power), battery: batteryOutlook(power) },
    slots: slots.map((slot) => ({ ...slot, release: serving.find(({ id }) => id === slot.servingReleaseId) ?? null })),
    desired: desired && {
      generation: desired.generation,
      acceptedGeneration: device.reportedGeneration,
      slots: wanted.map(([slot, want]) => ({ slot, release: names.get(want?.releaseId ?? '') ?? null })),
    },
    deployments: deployments.map((each) => viewDeployment(each, names)),
    certificates,
    refused,
    agent: { report, sentence: sentenceOf(report?.reason ?? null), newest: versions[0]?.version ?? null },
  };
}

export function viewDeployment(deployment: StoredDeployment, names: Map<string, ReleaseName>): DeploymentView {
  return {
    ...deployment,
    release: names.get(deployment.releaseId ?? '') ?? null,
    previousRelease: names.get(deployment.previousReleaseId ?? '') ?? null,
    sentence: sentenceOf(deployment.reason),
  };
}

function sentenceOf(reason: Reason | null): string | null {
  if (reason === null) return null;
  return reason.code.startsWith('rollout.') ? reason.detail : reasonSentence(reason.code);
}
