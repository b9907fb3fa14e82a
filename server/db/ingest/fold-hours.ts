import { addHour, type HourSums } from '../../domain/drift/hour-sums.ts';
import { type Fold, takenFrom } from './fold.ts';
import { type HourRow, nameOf, saveHours } from './hours.ts';

const TAKE = `
  WITH ${takenFrom('monitoring_added')}
  SELECT organization_id AS "organizationId", version_id AS "versionId", device_id AS "deviceId", slot, date_part('epoch', hour_at) * 1000 AS "hourMs", sums
  FROM taken ORDER BY organization_id, device_id, place`;

type Taken = Omit<HourRow, 'sums'> & { sums: string };

/** Adds to the hours that drift and accuracy are judged by what was appended for them. Written by ingest: nothing is checked again. */
export const foldHours: Fold = async (client, from, most) => {
  const { rows } = await client.query<Taken>(TAKE, [from.organizationId, from.deviceId, most]);
  const hours = new Map<string, HourRow>();
  for (const { sums: text, ...key } of rows) {
    const sums: HourSums = JSON.parse(text);
    const hour = hours.get(nameOf(key));
    if (hour) addHour(hour.sums, sums);
    else hours.set(nameOf(key), { ...key, sums });
  }
  const inOrder = [...hours].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, hour]) => hour);
  if (inOrder.length > 0) await saveHours(client, inOrder);
  return { taken: rows.length, keys: hours.size, last: rows.at(-1) ?? null };
};
