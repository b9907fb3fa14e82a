import type { PowerSample } from '../domain/telemetry/power-outlook.ts';
import type { Scope } from './scope.ts';

/** Windows of the shortest length that an hour can hold. */
const MAX_SAMPLES = 3_600;

/** What a device measured of its power since then, newest first. */
export async function listPowerSamples(
  { tx, organizationId }: Scope,
  deviceId: string,
  since: Date,
): Promise<PowerSample[]> {
  return await tx.$queryRaw<PowerSample[]>`
    SELECT w.start_at AS at, w.battery_pct AS "batteryPct", w.energy_j AS "energyJ", (w.rest ->> 'idleEnergyJ')::float8 AS "idleEnergyJ"
    FROM telemetry_window w
    WHERE w.organization_id = ${organizationId}::uuid AND w.device_id = ${deviceId}::uuid AND w.start_at >= ${since}::timestamptz
    ORDER BY w.start_at DESC LIMIT ${MAX_SAMPLES}`;
}
