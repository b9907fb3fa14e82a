import { ChannelSettings } from '../domain/alerts/channel.ts';
import type { Severity } from '../domain/alerts/rule.ts';
import type { AlertChannel as Row } from './generated/client.ts';
import { asJson } from './json.ts';
import type { Scope } from './scope.ts';

/** Channels of one organization. */
export const MAX_CHANNELS = 50;

export type StoredChannel = {
  id: string;
  name: string;
  settings: ChannelSettings;
  isEnabled: boolean;
  minSeverity: Severity;
  /** Whether a secret is kept; the secret itself is read by {@link findSealedSecret} alone. */
  hasSecret: boolean;
  createdById: string | null;
  createdAt: Date;
};

export async function listAlertChannels({ tx, organizationId }: Scope): Promise<StoredChannel[]> {
  const rows = await tx.alertChannel.findMany({
    where: { organizationId },
    orderBy: { name: 'asc' },
    take: MAX_CHANNELS,
  });
  return rows.map(toChannel);
}

export async function findAlertChannel({ tx, organizationId }: Scope, id: string): Promise<StoredChannel | null> {
  const row = await tx.alertChannel.findUnique({ where: { organizationId_id: { organizationId, id } } });
  return row && toChannel(row);
}

export async function findSealedSecret({ tx, organizationId }: Scope, id: string): Promise<string | null> {
  const where = { organizationId_id: { organizationId, id } };
  return (await tx.alertChannel.findUnique({ where, select: { sealedSecret: true } }))?.sealedSecret ?? null;
}

type Saved = Omit<StoredChannel, 'hasSecret'> & { sealedSecret?: string | null };

/** Makes or changes a channel; a sealed secret that is not given stays. */
export async function saveAlertChannel({ tx, organizationId }: Scope, channel: Saved): Promise<void> {
  const { id, settings, createdById, createdAt, ...rest } = channel;
  const data = { ...rest, kind: settings.kind, settings: asJson(settings) };
  await tx.alertChannel.upsert({
    where: { organizationId_id: { organizationId, id } },
    create: { id, organizationId, createdById, createdAt, ...data },
    update: data,
  });
}

/** False when there was none. Its deliveries go with it. */
export async function deleteAlertChannel({ tx, organizationId }: Scope, id: string): Promise<boolean> {
  const { count } = await tx.alertChannel.deleteMany({ where: { organizationId, id } });
  return count > 0;
}

function toChannel({ organizationId: _, kind: __, sealedSecret, settings, minSeverity, ...row }: Row): StoredChannel {
  return {
    ...row,
    settings: ChannelSettings.parse(settings),
    minSeverity: minSeverity as Severity,
    hasSecret: sealedSecret !== null,
  };
}
