import * as z from 'zod';
import { ChannelFields } from '../../../domain/alerts/channel.ts';
import { MuteFields } from '../../../domain/alerts/mute.ts';
import { deliveryList } from '../../../queries/alerts.ts';
import { listChannels, RemoveChannel, removeChannel, saveChannel } from '../../../services/alerts/save-channel.ts';
import { listMutes, RemoveMute, removeMute, saveMute } from '../../../services/alerts/save-mute.ts';
import { RetryDelivery, retryDelivery, testChannel } from '../../../services/alerts/test-channel.ts';
import { endpoint } from '../kernel/endpoint.ts';
import { PageQuery, pageOf } from '../resources.ts';
import {
  ChannelResource,
  channelResource,
  DeliveryResource,
  deliveryResource,
  MuteResource,
  muteResource,
} from './alert-resources.ts';

const Fields = ChannelFields.meta({ id: 'AlertChannelFields' });
const SavedChannel = ChannelResource.extend({
  secret: z.string().nullable().meta({ description: 'The signing secret of a new webhook: said this once.' }),
}).meta({ id: 'SavedAlertChannel' });

export const alertChannelEndpoints = [
  endpoint({
    method: 'GET',
    path: '/alert-channels',
    operationId: 'listAlertChannels',
    tag: 'Alerts',
    permission: 'alerts:read',
    status: 200,
    summary: 'List where alerts are told; never a secret',
    response: pageOf(ChannelResource),
    handle: async ({ deps, actor }) => ({
      status: 200,
      body: { items: (await listChannels(deps, actor)).map(channelResource), nextCursor: null },
    }),
  }),
  endpoint({
    method: 'POST',
    path: '/alert-channels',
    operationId: 'createAlertChannel',
    tag: 'Alerts',
    permission: 'alerts:write',
    status: 201,
    summary: 'Tell alerts by e-mail, a signed webhook or a Slack-compatible one',
    description:
      'Webhooks are signed as Standard Webhooks says: `webhook-id`, `webhook-timestamp` and `webhook-signature`, HMAC-SHA256 over `id.timestamp.body`.',
    body: Fields,
    response: SavedChannel,
    handle: async ({ deps, actor, body }) => {
      const { channel, secret } = await saveChannel(deps, actor, { channel: body });
      return { status: 201, body: { ...channelResource(channel), secret } };
    },
  }),
  endpoint({
    method: 'PATCH',
    path: '/alert-channels/{channelId}',
    operationId: 'updateAlertChannel',
    tag: 'Alerts',
    permission: 'alerts:write',
    status: 200,
    summary: 'Change a channel',
    description: 'Takes the whole channel; a secret that is left out stays as it is.',
    params: RemoveChannel,
    body: Fields,
    response: ChannelResource,
    handle: async ({ deps, actor, params, body }) => ({
      status: 200,
      body: channelResource((await saveChannel(deps, actor, { ...params, channel: body })).channel),
    }),
  }),
  endpoint({
    method: 'DELETE',
    path: '/alert-channels/{channelId}',
    operationId: 'removeAlertChannel',
    tag: 'Alerts',
    permission: 'alerts:write',
    status: 204,
    summary: 'Remove a channel, with what waits to be sent by it',
    params: RemoveChannel,
    handle: async ({ deps, actor, params }) => {
      await removeChannel(deps, actor, params);
      return { status: 204, body: undefined };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/alert-channels/{channelId}/test',
    operationId: 'testAlertChannel',
    tag: 'Alerts',
    permission: 'alerts:write',
    status: 202,
    summary: 'Send a message that says that nothing is wrong',
    params: RemoveChannel,
    response: z.object({ deliveryId: z.uuid() }).meta({ id: 'AlertChannelTest' }),
    handle: async ({ deps, actor, params }) => ({ status: 202, body: await testChannel(deps, actor, params) }),
  }),
  endpoint({
    method: 'GET',
    path: '/alert-deliveries',
    operationId: 'listAlertDeliveries',
    tag: 'Alerts',
    permission: 'alerts:read',
    status: 200,
    summary: 'List messages, newest first: sent, waiting, given up',
    query: PageQuery.extend({
      cursor: z.uuid().optional(),
      channelId: z.uuid().optional(),
      state: z.enum(['waiting', 'sent', 'dead']).optional(),
    }),
    response: pageOf(DeliveryResource),
    handle: async ({ deps, actor, query }) => {
      const { items, nextCursor } = await deliveryList(deps, actor, query);
      return { status: 200, body: { items: items.map(deliveryResource), nextCursor } };
    },
  }),
  endpoint({
    method: 'POST',
    path: '/alert-deliveries/{deliveryId}/replay',
    operationId: 'replayAlertDelivery',
    tag: 'Alerts',
    permission: 'alerts:write',
    status: 204,
    summary: 'Send a message again that was given up',
    params: RetryDelivery,
    handle: async ({ deps, actor, params }) => {
      await retryDelivery(deps, actor, params);
      return { status: 204, body: undefined };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/alert-mutes',
    operationId: 'listAlertMutes',
    tag: 'Alerts',
    permission: 'alerts:read',
    status: 200,
    summary: 'List the times in which nobody is told',
    response: pageOf(MuteResource),
    handle: async ({ deps, actor }) => ({
      status: 200,
      body: { items: (await listMutes(deps, actor)).map(muteResource), nextCursor: null },
    }),
  }),
  endpoint({
    method: 'POST',
    path: '/alert-mutes',
    operationId: 'createAlertMute',
    tag: 'Alerts',
    permission: 'alerts:write',
    status: 201,
    summary: 'Silence alerts for a time, once or again and again',
    body: MuteFields.meta({ id: 'AlertMuteFields' }),
    response: MuteResource,
    handle: async ({ deps, actor, body }) => ({ status: 201, body: muteResource(await saveMute(deps, actor, body)) }),
  }),
  endpoint({
    method: 'DELETE',
    path: '/alert-mutes/{muteId}',
    operationId: 'removeAlertMute',
    tag: 'Alerts',
    permission: 'alerts:write',
    status: 204,
    summary: 'Remove a mute; what it held back is told',
    params: RemoveMute,
    handle: async ({ deps, actor, params }) => {
      await removeMute(deps, actor, params);
      return { status: 204, body: undefined };
    },
  }),
];
