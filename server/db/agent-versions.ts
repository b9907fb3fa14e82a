import { AgentPackages } from '@flotilla/protocol';
import type { Tx } from './client.ts';
import { asJson } from './json.ts';

export type StoredAgentVersion = { version: string; packages: AgentPackages; offeredAt: Date };

/** Versions that a page shows and an upgrade may name: the newest. */
const MAX_VERSIONS = 50;

/** The agents that this installation can hand out, newest first. They are of no organization. */
export async function listAgentVersions(tx: Tx): Promise<StoredAgentVersion[]> {
  const rows = await tx.agentVersion.findMany({ orderBy: { offeredAt: 'desc' }, take: MAX_VERSIONS });
  return rows.map(toVersion);
}

export async function findAgentVersions(tx: Tx, versions: readonly string[]): Promise<StoredAgentVersion[]> {
  const rows = await tx.agentVersion.findMany({ where: { version: { in: [...new Set(versions)] } } });
  return rows.map(toVersion);
}

/** A version is what it first was: one that is known is only noted as offered again. */
export async function saveAgentVersion(tx: Tx, { version, packages, offeredAt }: StoredAgentVersion): Promise<void> {
  await tx.agentVersion.upsert({
    where: { version },
    create: { version, packages: asJson(packages), offeredAt },
    update: { offeredAt },
  });
}

function toVersion(row: { version: string; packages: unknown; offeredAt: Date }): StoredAgentVersion {
  return { version: row.version, offeredAt: row.offeredAt, packages: AgentPackages.parse(row.packages) };
}
