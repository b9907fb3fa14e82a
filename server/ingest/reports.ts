import type { Reported } from '@flotilla/protocol';
import { type AgentRow, agentsWrite } from '../db/ingest/agents.ts';
import type { IngestDevice } from '../db/ingest/devices.ts';
import {
  type DeploymentMove,
  lockedDeployments,
  movesWrite,
  type OpenDeployment,
  type SlotRow,
  slotsWrite,
} from '../db/ingest/slots.ts';
import type { Read, Write } from '../db/ingest/together.ts';
import { deploymentStateOf, mayMove } from '../domain/deployment/from-report.ts';
import { isFinished } from '../domain/rollout/states.ts';

export type Report = { device: IngestDevice; body: Reported; receivedAt: Date };

/** The deployments that reports speak of, and those that they may end, as they are found and locked. */
export function deploymentsOf(reports: readonly { deviceId: string; body: Reported }[]): Read<OpenDeployment> {
  const slots = reports.flatMap(({ body }) => Object.values(body.slots));
  return lockedDeployments(
    slots.flatMap(({ deployment }) => deployment ?? []),
    reports.map(({ deviceId }) => deviceId),
  );
}

/** What to write of the slots of each device and of the deployments that they speak of, which are `open` and locked, and those that move. */
export function ingestReports(
  newest: readonly Report[],
  open: readonly OpenDeployment[],
): { moved: OpenDeployment[]; writes: Write[] } {
  const agents = newest.flatMap(agentRow);
  const slots = newest.flatMap(slotRows);
  const byDevice = new Map(newest.map((report) => [report.device.id, report]));
  const moves = open.flatMap((deployment) => moveOf(deployment, byDevice.get(deployment.deviceId)));
  const moved = new Set(moves.map(({ id }) => id));
  const writes = [
    ...(agents.length > 0 ? [agentsWrite(agents)] : []),
    ...(slots.length > 0 ? [slotsWrite(slots)] : []),
    ...(moves.length > 0 ? [movesWrite(moves)] : []),
  ];
  return { moved: open.filter(({ id }) => moved.has(id)), writes };
}

/** Messages come late, twice and in any order: only what is newer than the stored pair (session, rev) counts. */
export function newestOf(reports: readonly Report[]): Report[] {
  const newest = new Map<string, Report>();
  for (const report of reports) {
    const { device, body } = report;
    const best = newest.get(device.id);
    const [session, rev] = best ? [best.body.session, best.body.rev] : [device.reportedSession, device.reportedRev];
    if (body.session > session || (body.session === session && body.rev > rev)) newest.set(device.id, report);
  }
  return [...newest.values()];
}

function agentRow({ device, body: { agent }, receivedAt }: Report): AgentRow[] {
  return agent ? [{ organizationId: device.organizationId, deviceId: device.id, report: agent, at: receivedAt }] : [];
}

function slotRows({ device, body, receivedAt }: Report): SlotRow[] {
  return Object.entries(body.slots).map(([slot, report]) => ({
    organizationId: device.organizationId,
    deviceId: device.id,
    slot,
    report,
    at: receivedAt,
  }));
}

function moveOf(deployment: OpenDeployment, found: Report | undefined): DeploymentMove[] {
  const report = found?.body.slots[deployment.slot];
  if (!found || !report) return [];
  const at = found.receivedAt;
  if (deployment.releaseId === null) {
    const isEmpty = report.phase === 'idle' && !report.serving;
    return isEmpty ? [{ id: deployment.id, state: 'succeeded', isFinished: true, at, report }] : [];
  }
  if (report.deployment !== deployment.id) return [];
  const said = deploymentStateOf(report);
  if (!said || (said.state !== deployment.state && !mayMove(deployment.state, said.state))) return [];
  return [{ id: deployment.id, state: said.state, isFinished: isFinished(said.state), at, report }];
}
