/** One window's power: battery in % (0 to 100), energy of the board and what an idle board would have used, both in J. */
export type PowerSample = { at: Date; batteryPct: number | null; energyJ: number | null; idleEnergyJ: number | null };

/** `pctPerHour` is negative while it empties. `hoursLeft` is null while it does not. */
export type BatteryOutlook = { pct: number; pctPerHour: number; hoursLeft: number | null };

/** A rate taken from less than this is noise: batteries report whole percents. */
const MIN_SPAN_MS = 600_000;
const HOUR_MS = 3_600_000;

/** Slower than this the end is weeks away, and the sign of the rate is chance. */
const MIN_RATE = 0.2;

/** How long a battery lasts at its present rate: the least-squares line through its samples. Null without a battery, or before it is known. */
export function batteryOutlook(samples: readonly PowerSample[]): BatteryOutlook | null {
  const points = samples.flatMap(({ at, batteryPct }) =>
    batteryPct === null ? [] : [{ hours: at.getTime() / HOUR_MS, pct: batteryPct }],
  );
  const newest = points.reduce<(typeof points)[number] | null>(
    (last, point) => (last && last.hours > point.hours ? last : point),
    null,
  );
  const spanMs = newest ? (newest.hours - Math.min(...points.map(({ hours }) => hours))) * HOUR_MS : 0;
  if (!newest || spanMs < MIN_SPAN_MS) return null;
  const mean = (of: 'hours' | 'pct') => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [meanHours, meanPct] = [mean('hours'), mean('pct')];
  const covariance = points.reduce((sum, { hours, pct }) => sum + (hours - meanHours) * (pct - meanPct), 0);
  const variance = points.reduce((sum, { hours }) => sum + (hours - meanHours) ** 2, 0);
  const pctPerHour = covariance / variance;
  return { pct: newest.pct, pctPerHour, hoursLeft: pctPerHour <= -MIN_RATE ? newest.pct / -pctPerHour : null };
}

/** The share (0 to 1) of the energy that an idle board would have used too; null where no idle power is known. */
export function idleShare(samples: readonly PowerSample[]): number | null {
  let [idle, all] = [0, 0];
  for (const { energyJ, idleEnergyJ } of samples) {
    if (energyJ === null || idleEnergyJ === null) continue;
    all += energyJ;
    idle += idleEnergyJ;
  }
  return all > 0 ? Math.min(1, idle / all) : null;
}
