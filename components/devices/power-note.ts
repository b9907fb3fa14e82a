import type { BatteryOutlook } from '@/server/domain/telemetry/power-outlook.ts';
import { formatDuration, formatNumber, formatQuantity } from '../ui/format.ts';

/** Where power numbers come from, in words: a sensor by its name, an estimate as what it is; null when nothing is known. */
export function powerNote(sources: readonly string[]): string | null {
  if (sources.length === 0) return null;
  const sensors = sources.filter((source) => source !== 'estimate');
  if (sensors.length === 0) return 'an estimate';
  return `by ${sensors.join(', ')}${sensors.length < sources.length ? ' and estimates' : ''}`;
}

/** The part of the energy that the board uses without any inference; null when it is not known. */
export function idleNote(share: number | null): string | null {
  return share === null ? null : `${formatQuantity(share, 'ratio', { digits: 0 })} of it idle`;
}

const HOUR_MS = 3_600_000;

/** A battery in words: how full it is, and how long it lasts at the rate of the last hour. */
export function batteryText({ pct, pctPerHour, hoursLeft }: BatteryOutlook): string {
  const full = formatQuantity(pct, '%', { digits: 0 });
  if (hoursLeft !== null) return `${full}, about ${formatDuration(roundedHours(hoursLeft))} left at this rate`;
  const isCharging = formatNumber(pctPerHour, 0) !== '0' && pctPerHour > 0;
  return isCharging ? `${full}, charging` : `${full}, holding`;
}

/** As exact as the rate is: to the quarter of an hour below ten hours, else to the hour. */
function roundedHours(hours: number): number {
  const step = hours < 10 ? HOUR_MS / 4 : HOUR_MS;
  return Math.max(step, Math.round((hours * HOUR_MS) / step) * step);
}
