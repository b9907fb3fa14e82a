import type pg from 'pg';
import { addHour, type HourSums } from '../../domain/drift/hour-sums.ts';
import { binaryArray } from './binary-array.ts';

/** `deviceId` of zeros is the fleet. */
type HourKey = { organizationId: string; versionId: string; deviceId: string; slot: string; hourMs: number };
export type HourRow = HourKey & { sums: HourSums };

const KEYS = 'organization_id, version_id, device_id, slot, hour_at';
const KEY_ARRAYS = '$1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[]';

/** One text for one key. */
export function nameOf({ organizationId, versionId, deviceId, slot, hourMs }: HourKey): string {
  return `${organizationId}/${versionId}/${deviceId}/${slot}/${hourMs}`;
}

/** Adds to the stored hours. Nobody else may add to them until the transaction ends. */
export async function saveHours(client: pg.PoolClient, hours: readonly HourRow[]): Promise<void> {
  const keys = [
    binaryArray('uuid', hours, (hour) => hour.organizationId),
    binaryArray('uuid', hours, (hour) => hour.versionId),
    binaryArray('uuid', hours, (hour) => hour.deviceId),
    binaryArray('text', hours, (hour) => hour.slot),
    binaryArray('timestamptz', hours, (hour) => hour.hourMs),
  ];
  // Written by this very function: to check every number again would cost as much as all the rest.
  const { rows } = await client.query<{ place: number; sums: HourSums }>(
    `SELECT g.place::int, h.sums FROM unnest(${KEY_ARRAYS}) WITH ORDINALITY AS g (${KEYS}, place) JOIN monitoring_hour h USING (${KEYS})`,
    keys,
  );
  const summed = hours.map(({ sums }) => sums);
  for (const { place, sums } of rows) {
    const added = summed[place - 1];
    if (added) addHour(sums, added);
    summed[place - 1] = sums;
  }
  await client.query(
    `INSERT INTO monitoring_hour (${KEYS}, sums) SELECT * FROM unnest(${KEY_ARRAYS}, $6::json[]) ON CONFLICT (${KEYS}) DO UPDATE SET sums = excluded.sums`,
    [...keys, binaryArray('json', summed, (sums) => JSON.stringify(sums))],
  );
}
