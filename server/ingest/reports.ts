import type { Reported } from '@flotilla/protocol';
import type pg from 'pg';
import { type AgentRow, saveAgents } from '../db/ingest/agents.ts';
import type { IngestDevice } from '../db/ingest/devices.ts';
import {
  type DeploymentMove,
  lockDeployments,
  type OpenDeployment,
  type SlotRow,
  saveMoves,
  saveSlots,
} from '../db/ingest/slots.ts';
import { deploymentStateOf, mayMove } from '../domain/deployment/from-report.ts';
import { isFinished } from '../domain/rollout/states.ts';

export type Report = { device: IngestDevice; body: Reported; receivedAt: Date };

/** Writes what the slots of each device do, and moves the deployments that they speak of. Returns the deployments that moved. */
export async function ingestReports(client: pg.PoolClient, newest: readonly Report[]): Promise<OpenDeployment[]> {
  if (newest.length === 0) return [];
  const agents = newest.flatMap(agentRow);
  if (agents.length > 0) await saveAgents(client, agents);
  const slots = newest.flatMap(slotRows);
  if (slots.length > 0) await saveSlots(client, slots);
  const ids = slots.flatMap(({ report }) => (report.deployment ? [report.deployment] : []));
  const open = await lockDeployments(
    client,
    ids,
    newest.map(({ device }) => device.id),
  );
  const byDevice = new Map(newest.map((report) => [report.device.id, report]));
  const moves = open.flatMap((deployment) => moveOf(deployment, byDevice.get(deployment.deviceId)));
  if (moves.length > 0) await saveMoves(client, moves);
  const moved = new Set(moves.map(({ id }) => id));
  return open.filter(({ id }) => moved.has(id));
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
