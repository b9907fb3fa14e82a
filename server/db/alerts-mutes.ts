import { type Mute, MuteFields } from '../domain/alerts/mute.ts';
import { asJson } from './json.ts';
import type { Scope } from './scope.ts';

/** Mutes of one organization. */
export const MAX_MUTES = 200;

export async function listAlertMutes({ tx, organizationId }: Scope): Promise<Mute[]> {
  const rows = await tx.alertMute.findMany({ where: { organizationId }, orderBy: { id: 'desc' }, take: MAX_MUTES });
  return rows.map(({ content, organizationId: _, ...row }) => ({ ...row, ...MuteFields.parse(content) }));
}

type NewMute = { id: string; fields: MuteFields; createdById: string | null; createdAt: Date };

export async function insertAlertMute({ tx, organizationId }: Scope, { fields, ...mute }: NewMute): Promise<void> {
  await tx.alertMute.create({ data: { ...mute, content: asJson(fields), organizationId } });
}

/** False when there was none. */
export async function deleteAlertMute({ tx, organizationId }: Scope, id: string): Promise<boolean> {
  const { count } = await tx.alertMute.deleteMany({ where: { organizationId, id } });
  return count > 0;
}
