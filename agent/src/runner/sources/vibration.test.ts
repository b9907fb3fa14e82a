import { describe, expect, it } from 'vitest';
import {
  createVibration,
  VIBRATION_RATE_HZ,
  VIBRATION_SAMPLES,
  type VibrationSettings,
  vibrationClasses,
} from './vibration.ts';

/** 1920 rpm is 32 Hz, exactly the fourth spectral bin. */
const settings: VibrationSettings = { seed: 5, speedRpm: 1920, noise: 0.25, drift: 0 };

function take(count: number, change: Partial<VibrationSettings> = {}) {
  const next = createVibration({ ...settings, ...change });
  return Array.from({ length: count }, () => next());
}

function ofClass(name: (typeof vibrationClasses)[number], change: Partial<VibrationSettings> = {}) {
  return take(200, change).filter(({ label }) => vibrationClasses[label] === name);
}

/** Amplitude of each 8 Hz bin from 8 Hz up to half the sampling rate. */
function spectrum(signal: Float32Array): number[] {
  return Array.from({ length: signal.length / 2 - 1 }, (_, place) => {
    let real = 0;
    let imaginary = 0;
    for (const [index, value] of signal.entries()) {
      const angle = (2 * Math.PI * (place + 1) * index) / signal.length;
      real += value * Math.cos(angle);
      imaginary += value * Math.sin(angle);
    }
    return (2 * Math.hypot(real, imaginary)) / signal.length;
  });
}

function peakHz(signal: Float32Array, fromHz = 0): number {
  const amplitudes = spectrum(signal).map((value, place) => ((place + 1) * 8 < fromHz ? 0 : value));
  return ((amplitudes.indexOf(Math.max(...amplitudes)) + 1) * VIBRATION_RATE_HZ) / VIBRATION_SAMPLES;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

describe('simulated vibration', () => {
  it('gives every class a quarter of the samples', () => {
    const labels = take(4000).map(({ label }) => label);
    const counts = vibrationClasses.map((_, wanted) => labels.filter((label) => label === wanted).length);
    // Four standard deviations of a binomial with 4000 draws and p = 1/4 are 110.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(110);
  });

  it('repeats itself exactly for equal settings, and not for another seed', () => {
    expect(take(20)).toEqual(take(20));
    expect(take(20)).not.toEqual(take(20, { seed: 6 }));
  });

  it('shows imbalance at the shaft speed', () => {
    for (const { signal } of ofClass('imbalance')) expect(peakHz(signal)).toBe(32);
  });

  it('shows misalignment above the shaft speed', () => {
    const peaks = ofClass('misalignment').map(({ signal }) => peakHz(signal));
    expect(median(peaks)).toBe(64);
  });

  it('rings a bearing fault at the resonance of the structure', () => {
    const peaks = ofClass('bearing-fault', { noise: 0 }).map(({ signal }) => peakHz(signal, 300));
    expect(median(peaks)).toBeGreaterThan(560);
    expect(median(peaks)).toBeLessThan(720);
  });

  it('starts drifting from where it stood, and keeps its labels', () => {
    const [still] = take(1);
    const distance = (drift: number) => {
      const [moved] = take(1, { drift });
      expect(moved?.label).toBe(still?.label);
      return Math.max(...(moved?.signal ?? []).map((value, index) => Math.abs(value - (still?.signal[index] ?? 0))));
    };
    expect(distance(1e-6)).toBeLessThan(1e-4);
    expect(distance(0.1)).toBeGreaterThan(0.01);
    expect(distance(1)).toBeGreaterThan(distance(0.1));
  });

  it('lowers speed and resonance with drift', () => {
    const speeds = ofClass('imbalance', { drift: 0.5, noise: 0 }).map(({ signal }) => peakHz(signal));
    expect(median(speeds)).toBeLessThanOrEqual(32);
    const rings = ofClass('bearing-fault', { drift: 1, noise: 0 }).map(({ signal }) => peakHz(signal, 300));
    expect(median(rings)).toBeLessThan(500);
  });

  it.each([{ speedRpm: 0 }, { noise: -1 }, { drift: 1.1 }, { drift: Number.NaN }])(
    'refuses settings out of range: %o',
    (change) => {
      expect(() => createVibration({ ...settings, ...change })).toThrow(RangeError);
    },
  );
});
