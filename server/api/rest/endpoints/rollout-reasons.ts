import * as z from 'zod';
import { WhyNotInput, type WhyRow, whyDevice, whyNot } from '../../../queries/why-not.ts';
import { endpoint } from '../kernel/endpoint.ts';

const Moment = z.iso.datetime();
const why = {
  code: z.string(),
  sentence: z.string(),
  since: Moment,
  nextTryAt: Moment.nullable(),
  evidence: z.unknown(),
  deviceId: z.uuid(),
  device: z.string(),
  wave: z.int().nullable(),
};
const WhyResource = z.object(why).meta({ id: 'WhyNot' });
const DeviceWhyResource = z
  .object({ ...why, rolloutId: z.uuid(), rollout: z.string(), slot: z.string() })
  .meta({ id: 'DeviceWhyNot' });

function whyResource({ code, sentence, evidence, deviceId, deviceName, wave, since, nextTryAt }: WhyRow) {
  return {
    ...{ code, sentence, evidence, deviceId, wave },
    device: deviceName,
    since: since.toISOString(),
    nextTryAt: nextTryAt?.toISOString() ?? null,
  };
}

export const rolloutReasonEndpoints = [
  endpoint({
    method: 'GET',
    path: '/rollouts/{rolloutId}/why',
    operationId: 'explainRollout',
    tag: 'Rollouts',
    permission: 'rollouts:read',
    status: 200,
    summary: 'Say why each device of a rollout stands where it stands',
    description:
      'Every device has a reason: a code with a sentence, since when, and when it is tried next where that is known.',
    params: z.object({ rolloutId: z.uuid() }),
    query: WhyNotInput.omit({ id: true }).extend({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
    response: z
      .object({
        groups: z.array(
          z.object({ code: z.string(), sentence: z.string(), devices: z.int(), nextTryAt: Moment.nullable() }),
        ),
        items: z.array(WhyResource),
        total: z.int(),
        nextAfter: z.uuid().nullable(),
      })
      .meta({ id: 'RolloutReasons' }),
    handle: async ({ deps, actor, params, query }) => {
      const { groups, items, total, nextAfter } = await whyNot(deps, actor, { id: params.rolloutId, ...query });
      return {
        status: 200,
        body: {
          groups: groups.map((group) => ({ ...group, nextTryAt: group.nextTryAt?.toISOString() ?? null })),
          items: items.map(whyResource),
          total,
          nextAfter,
        },
      };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/devices/{deviceId}/why',
    operationId: 'explainDevice',
    tag: 'Devices',
    permission: 'rollouts:read',
    status: 200,
    summary: 'Say why a device is not updating, for each of its slots',
    params: z.object({ deviceId: z.uuid() }),
    response: z.object({ items: z.array(DeviceWhyResource) }).meta({ id: 'DeviceReasons' }),
    handle: async ({ deps, actor, params }) => ({
      status: 200,
      body: {
        items: (await whyDevice(deps, actor, params)).map((row) => ({
          ...whyResource(row),
          rolloutId: row.rolloutId,
          rollout: row.rolloutName,
          slot: row.slot,
        })),
      },
    }),
  }),
];
