import { gaussian, type Random } from './random.ts';
import type { Scenario } from './scenarios.ts';

/** What is particular about one device for the whole of a simulation: the same seed gives the same fleet. */
export type Traits = {
  /** Random effects: factors on latency and power, a shift of accuracy. */
  latencyFactor: number;
  powerFactor: number;
  accuracyShift: number;
  linkBytesPerS: number;
  clockSkewMs: number;
  isDark: boolean;
  isFlaky: boolean;
  isFailing: boolean;
  isCrashing: boolean;
};

/** Standard deviations between devices of one class: as unequal as boards of one type are by cooling, age and place. */
const LATENCY_SPREAD = 0.15;
const POWER_SPREAD = 0.1;
const ACCURACY_SPREAD = 0.015;

const FAST_LINK_BYTES_PER_S = 4_000_000;

/** Draws a device's traits. Each trait always takes the same number of draws, so that one share changes no other trait. */
export function drawTraits(scenario: Scenario, random: Random): Traits {
  const [slow, dark, flaky, failing, crashing, skewed, skew] = Array.from({ length: 7 }, random) as Seven;
  return {
    latencyFactor: Math.exp(LATENCY_SPREAD * gaussian(random)),
    powerFactor: Math.exp(POWER_SPREAD * gaussian(random)),
    accuracyShift: ACCURACY_SPREAD * gaussian(random),
    linkBytesPerS: slow < scenario.slowShare ? scenario.slowBytesPerS : FAST_LINK_BYTES_PER_S,
    clockSkewMs: skewed < scenario.skewShare ? Math.round((2 * skew - 1) * scenario.skewMs) : 0,
    isDark: dark < scenario.offlineShare,
    isFlaky: flaky < scenario.flakyShare,
    isFailing: failing < scenario.failingShare,
    isCrashing: crashing < scenario.crashShare,
  };
}

type Seven = [number, number, number, number, number, number, number];
