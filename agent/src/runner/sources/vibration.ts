/** Classes in the order of a classifier's outputs. A label is an index into this list. */
export const vibrationClasses = ['healthy', 'imbalance', 'misalignment', 'bearing-fault'] as const;

/** Samples in one signal. */
export const VIBRATION_SAMPLES = 256;

/** Sampling rate of the simulated accelerometer, Hz: one signal lasts 125 ms and a spectral bin is 8 Hz wide. */
export const VIBRATION_RATE_HZ = 2048;

/** Outer-race passes per shaft turn of a common deep-groove bearing (6205, nine balls). */
const OUTER_RACE_ORDER = 3.58;
/** Structure between bearing and sensor: its natural frequency and the time its ringing takes to fall to 1/e. */
const RESONANCE_HZ = 640;
const RING_DOWN_S = 0.004;
/** Ringing older than this is below 1 % of its start and is left out. */
const RING_MEMORY_S = 5 * RING_DOWN_S;

/** What full drift (1) does: a slipping belt, a loosening mount, an ageing sensor, a foundation that settles. */
const FULL_DRIFT = { speedLoss: 0.14, resonanceLoss: 0.3, gainLoss: 0.35, secondHarmonicG: 0.35 };

/**
 * The machine and its sensor.
 * - `seed`: integer; equal settings give equal samples for ever.
 * - `speedRpm`: nominal shaft speed, 600 to 6000 turns a minute; every sample is taken within about 2 % of it.
 * - `noise`: white sensor noise, root mean square in g, 0 to 5. 0.25 is a decent sensor on these machines.
 * - `drift`: 0 (as the models were trained) to 1 (a year of neglect). It moves speed, resonance, gain and the second
 *   harmonic, never the labels: a model that has not seen it grows less accurate.
 */
export type VibrationSettings = { seed: number; speedRpm: number; noise: number; drift: number };

type Random = { uniform: (low: number, high: number) => number; normal: () => number };

/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32, T. Ettinger): small, even, the same on every machine. */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A rotating machine with an accelerometer. Each call returns the next 125 ms of acceleration in g with the index of
 * the fault that made it, all four equally likely. Throws `RangeError` when a setting is out of its range.
 */
export function createVibration(settings: VibrationSettings): () => { signal: Float32Array; label: number } {
  requireRange('speedRpm', settings.speedRpm, 600, 6000);
  requireRange('noise', settings.noise, 0, 5);
  requireRange('drift', settings.drift, 0, 1);
  const next = createRandom(settings.seed);
  const random: Random = {
    uniform: (low, high) => low + (high - low) * next(),
    // Box-Muller. 1 - next() is never 0, so the logarithm is finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
  return () => {
    const label = Math.floor(next() * vibrationClasses.length);
    return { label, signal: record(settings, label, random) };
  };
}

function record({ speedRpm, noise, drift }: VibrationSettings, label: number, random: Random): Float32Array {
  const turnsHz = (speedRpm / 60) * (1 + random.uniform(-0.02, 0.02)) * (1 - FULL_DRIFT.speedLoss * drift);
  const gain = random.uniform(0.7, 1.4) * (1 - FULL_DRIFT.gainLoss * drift);
  const offset = random.uniform(-0.2, 0.2);
  const motion = new Float64Array(VIBRATION_SAMPLES);
  const amplitudes = harmonicAmplitudes(label, random);
  amplitudes[1] = (amplitudes[1] ?? 0) + FULL_DRIFT.secondHarmonicG * drift;
  for (const [index, amplitude] of amplitudes.entries()) addTone(motion, turnsHz * (index + 1), amplitude, random);
  if (vibrationClasses[label] === 'bearing-fault') {
    addImpacts(motion, turnsHz * OUTER_RACE_ORDER, 1 - FULL_DRIFT.resonanceLoss * drift, random);
  }
  return Float32Array.from(motion, (value) => offset + gain * value + noise * random.normal());
}

/** Amplitudes in g at one, two and three times the shaft speed. Every machine has a little of each. */
function harmonicAmplitudes(label: number, random: Random): number[] {
  const amplitudes = [random.uniform(0.15, 0.35), random.uniform(0.05, 0.2), random.uniform(0.03, 0.12)];
  const add = (index: number, low: number, high: number) => {
    amplitudes[index] = (amplitudes[index] ?? 0) + random.uniform(low, high);
  };
  if (vibrationClasses[label] === 'imbalance') add(0, 0.4, 1.4);
  if (vibrationClasses[label] === 'misalignment') {
    add(1, 0.3, 1.1);
    add(2, 0.15, 0.7);
  }
  return amplitudes;
}

function addTone(motion: Float64Array, frequencyHz: number, amplitude: number, random: Random): void {
  const phase = random.uniform(0, 2 * Math.PI);
  const step = (2 * Math.PI * frequencyHz) / VIBRATION_RATE_HZ;
  for (let index = 0; index < motion.length; index += 1) {
    motion[index] = (motion[index] ?? 0) + amplitude * Math.sin(step * index + phase);
  }
}

/** Balls striking a pit in the outer race: each blow rings the structure, and the cage slips a little between blows. */
function addImpacts(motion: Float64Array, passesHz: number, resonanceShare: number, random: Random): void {
  const severityG = random.uniform(0.5, 1.8);
  const ringHz = RESONANCE_HZ * random.uniform(0.95, 1.05) * resonanceShare;
  const endS = motion.length / VIBRATION_RATE_HZ;
  let strikeS = -RING_MEMORY_S - random.uniform(0, 1 / passesHz);
  while (strikeS < endS) {
    const blowG = severityG * (1 + 0.15 * random.normal());
    const first = Math.max(0, Math.ceil(strikeS * VIBRATION_RATE_HZ));
    const last = Math.min(motion.length - 1, Math.floor((strikeS + RING_MEMORY_S) * VIBRATION_RATE_HZ));
    for (let index = first; index <= last; index += 1) {
      const ageS = index / VIBRATION_RATE_HZ - strikeS;
      const ring = Math.exp(-ageS / RING_DOWN_S) * Math.sin(2 * Math.PI * ringHz * ageS);
      motion[index] = (motion[index] ?? 0) + blowG * ring;
    }
    strikeS += (1 + random.uniform(-0.04, 0.04)) / passesHz;
  }
}

function requireRange(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) throw new RangeError(`${name} must be ${low} to ${high}, not ${value}`);
}
