import { createVibration } from '../src/runner/sources/vibration.ts';

export type Sample = { signal: Float32Array; label: number };

/** The machines that the models know: five shaft speeds around 1800 rpm with a decent sensor, none of them drifting. */
export const trainingSpeedsRpm = [1560, 1680, 1800, 1920, 2040] as const;
export const TRAINING_NOISE_G = 0.25;

/** Seeds of what the models learn from and of what they are judged by. Each machine takes seed + its place above. */
export const TRAINING_SEED = 20_260_101;
export const HELD_OUT_SEED = 77_000_000;
export const HELD_OUT_SAMPLES = 4000;

/** An endless stream of labelled signals, one machine after the other. `drift` as in `VibrationSettings`. */
export function createSamples(seed: number, drift = 0): () => Sample {
  const machines = trainingSpeedsRpm.map((speedRpm, place) =>
    createVibration({ seed: seed + place, speedRpm, noise: TRAINING_NOISE_G, drift }),
  );
  let turn = 0;
  return () => {
    const machine = machines[turn % machines.length] as () => Sample;
    turn += 1;
    return machine();
  };
}
