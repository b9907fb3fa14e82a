import { v7 as uuidv7 } from 'uuid';
import * as z from 'zod';
import {
  deleteAlertChannel,
  findAlertChannel,
  listAlertChannels,
  MAX_CHANNELS,
  type StoredChannel,
  saveAlertChannel,
} from '../../db/alerts-channels.ts';
import { writeAudit } from '../../db/audit.ts';
import { isUniqueViolation } from '../../db/client.ts';
import { notifyLive } from '../../db/notify.ts';
import { forTenant, inTenant } from '../../db/scope.ts';
import { type Actor, requirePermission } from '../../domain/access/actor.ts';
import { ChannelFields, type ChannelSettings } from '../../domain/alerts/channel.ts';
import { AppError, notFound } from '../../domain/errors.ts';
import { newWebhookSecret } from '../../platform/webhook-signature.ts';
import type { Deps } from '../deps.ts';

export const SaveChannel = z.object({ channelId: z.uuid().optional(), channel: ChannelFields });
export type SaveChannel = z.input<typeof SaveChannel>;
export const RemoveChannel = z.object({ channelId: z.uuid() });
export type RemoveChannel = z.infer<typeof RemoveChannel>;

/** A channel as it was saved; `secret` is a new webhook's signing secret, said this once. */
export type SavedChannel = { channel: StoredChannel; secret: string | null };

export async function listChannels(deps: Pick<Deps, 'db'>, actor: Actor): Promise<StoredChannel[]> {
  requirePermission(actor, 'alerts:read');
  return listAlertChannels(forTenant(deps.db, actor.organizationId));
}

/**
 * Makes a channel, or changes one. Secrets are sealed and never given out again; one that is left out stays as it is.
 * @throws AppError `not_found`; `invalid`; `conflict`, reason `channel_name` or `too_many`
 */
export async function saveChannel(
  deps: Pick<Deps, 'db' | 'now' | 'secrets'>,
  actor: Actor,
  input: SaveChannel,
): Promise<SavedChannel> {
  requirePermission(actor, 'alerts:write');
  const fields = ChannelFields.parse(input.channel);
  const id = input.channelId ?? uuidv7();
  const secret = input.channelId || fields.kind !== 'webhook' ? null : newWebhookSecret();
  return await inTenant(deps.db, actor.organizationId, async (scope) => {
    const known = input.channelId ? await findAlertChannel(scope, id) : null;
    if (input.channelId && !known) throw notFound('channel');
    if (known && known.settings.kind !== fields.kind) throw invalid('A channel stays of its kind. Make another one.');
    if (!known && (await listAlertChannels(scope)).length >= MAX_CHANNELS) throw tooMany();
    const plain = secret ?? secretOf(fields);
    if (!known && fields.kind === 'slack' && plain === null) throw invalid('Give the address of the incoming webhook.');
    const channel = {
      id,
      name: fields.name,
      settings: settingsOf(fields, known),
      isEnabled: fields.isEnabled,
      minSeverity: fields.minSeverity,
      createdById: known ? known.createdById : actor.kind === 'user' ? actor.userId : null,
      createdAt: known?.createdAt ?? deps.now(),
    };
    const sealed =
      plain === null ? {} : { sealedSecret: deps.secrets.seal(plain, channelSealContext(scope.organizationId, id)) };
    await saveAlertChannel(scope, { ...channel, ...sealed });
    const action = known ? 'alert-channel.update' : 'alert-channel.create';
    const { name, isEnabled, minSeverity } = channel;
    const detail = { name, kind: fields.kind, isEnabled, minSeverity, hasNewSecret: plain !== null };
    await writeAudit(scope, actor, action, { kind: 'alert-channel', id }, detail);
    await notifyLive(scope, 'alert', id);
    return { channel: { ...channel, hasSecret: plain !== null || known?.hasSecret === true }, secret };
  }).catch((error: unknown) => {
    if (isUniqueViolation(error)) throw nameTaken(fields.name);
    throw error;
  });
}

/** What waits to be sent by it is not sent any more. @throws AppError `not_found` */
export async function removeChannel(deps: Pick<Deps, 'db'>, actor: Actor, { channelId }: RemoveChannel): Promise<void> {
  requirePermission(actor, 'alerts:write');
  await inTenant(deps.db, actor.organizationId, async (scope) => {
    const channel = await findAlertChannel(scope, channelId);
    if (!channel || !(await deleteAlertChannel(scope, channelId))) throw notFound('channel');
    const subject = { kind: 'alert-channel', id: channelId };
    await writeAudit(scope, actor, 'alert-channel.remove', subject, { name: channel.name });
    await notifyLive(scope, 'alert', channelId);
  });
}

/** Binds a sealed secret to its row. */
export function channelSealContext(organizationId: string, id: string): string {
  return `alert_channel ${organizationId} ${id}`;
}

function secretOf(fields: ChannelFields): string | null {
  if (fields.kind === 'email') return fields.password ?? null;
  return fields.kind === 'slack' ? (fields.url ?? null) : null;
}

function settingsOf(fields: ChannelFields, known: StoredChannel | null): ChannelSettings {
  switch (fields.kind) {
    case 'email': {
      const { host, port, security, username, from, to } = fields;
      return { kind: 'email', host, port, security, username, from, to };
    }
    case 'webhook':
      return { kind: 'webhook', url: fields.url };
    case 'slack': {
      const host = known?.settings.kind === 'slack' ? known.settings.host : '';
      return { kind: 'slack', host: fields.url ? new URL(fields.url).host : host };
    }
  }
}

function invalid(userMessage: string): AppError {
  return new AppError({ code: 'invalid', userMessage });
}

function tooMany(): AppError {
  return new AppError({
    code: 'conflict',
    reason: 'too_many',
    userMessage: `An organization has at most ${MAX_CHANNELS} channels.`,
  });
}

function nameTaken(name: string): AppError {
  return new AppError({
    code: 'conflict',
    reason: 'channel_name',
    userMessage: `There is a channel ${name} already. Choose another name.`,
  });
}
