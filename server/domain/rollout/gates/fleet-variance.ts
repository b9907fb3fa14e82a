import type { FleetVariance } from './plan-power.ts';
import type { GateSamples, SeriesMetric } from './samples.ts';
import { addSpread, BLOCK_WINDOWS, emptySpread, varianceOfMean } from './series.ts';
import { usualChange } from './usual.ts';

/** What a fleet's own devices say about their variance; devices that said nothing leave the default. */
export function fleetVariance(metric: SeriesMetric, samples: GateSamples): FleetVariance {
  const spread = emptySpread();
  for (const { before, after } of samples.control)
    for (const period of [before, after]) {
      const series = period?.series[metric];
      if (series) addSpread(spread, series);
    }
  return {
    betweenVariance: usualChange(metric, samples).variance,
    devices: samples.control.filter(({ usual }) => usual[metric] !== undefined).length,
    withinVariance: varianceOfMean(spread, BLOCK_WINDOWS) * BLOCK_WINDOWS,
  };
}
