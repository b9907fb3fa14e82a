import type { PowerSource } from '@flotilla/protocol';
import type { PowerReader } from './power/reading.ts';

/** A longer silence between two readings is a gap: nothing is made up for it. */
const MAX_GAP_MS = 5_000;

/** Within {@link MAX_GAP_MS}, with room for a late timer. */
const INTERVAL_SAMPLE_MS = 4_000;
const MOMENT_SAMPLE_MS = 1_000;

/** Energy is told only of an interval that was measured nearly whole. */
const MIN_COVERED_SHARE = 0.9;

type Sample = { atMs: number; watts?: number; joulesSoFar?: number };
export type EnergyMark = { atMs: number; joules: number; coveredMs: number };
export type Energy = { joules: number; watts: number; source: PowerSource };

/**
 * Adds up energy from the best source that this board has, asked in the given order. Sensors of power are integrated by the
 * trapezoid rule, means of the time between two readings by that time, counters are subtracted. When a source falls silent, the next one takes over.
 */
export class EnergyMeter {
  readonly #readers: PowerReader[];
  readonly #nowMs: () => number;
  #reader: PowerReader | null = null;
  #last: Sample | null = null;
  #joules = 0;
  #coveredMs = 0;
  #sampling: Promise<void> | null = null;

  constructor(readers: PowerReader[], nowMs: () => number) {
    this.#readers = readers;
    this.#nowMs = nowMs;
  }

  /** null before the first sample, and on a machine where nothing can be said. */
  get source(): PowerSource | null {
    return this.#reader?.source ?? null;
  }

  /** How often {@link sample} is to be called: a sensor of power shows one moment, other sources the time since the last look. */
  get sampleEveryMs(): number {
    return this.#reader?.isOfInterval ? INTERVAL_SAMPLE_MS : MOMENT_SAMPLE_MS;
  }

  /** Takes one reading. */
  sample(): Promise<void> {
    this.#sampling ??= this.#sample().finally(() => {
      this.#sampling = null;
    });
    return this.#sampling;
  }

  /** Where the meter stands, to be given back to {@link since}. */
  async mark(): Promise<EnergyMark> {
    await this.sample();
    return { atMs: this.#nowMs(), joules: this.#joules, coveredMs: this.#coveredMs };
  }

  /** Energy since a mark; null when too little of that time was measured. */
  async since(mark: EnergyMark): Promise<Energy | null> {
    await this.sample();
    const coveredMs = this.#coveredMs - mark.coveredMs;
    const passedMs = this.#nowMs() - mark.atMs;
    if (!this.#reader || coveredMs <= 0 || coveredMs < passedMs * MIN_COVERED_SHARE) return null;
    const joules = this.#joules - mark.joules;
    return { joules, watts: joules / (coveredMs / 1000), source: this.#reader.source };
  }

  async #sample(): Promise<void> {
    const sample = (this.#reader && (await this.#read(this.#reader))) ?? (await this.#findReader());
    if (sample && this.#last) this.#add(this.#last, sample);
    this.#last = sample;
  }

  #add(before: Sample, now: Sample): void {
    const passedMs = now.atMs - before.atMs;
    const isCounter = before.joulesSoFar !== undefined && now.joulesSoFar !== undefined;
    const isPower = before.watts !== undefined && now.watts !== undefined && passedMs <= MAX_GAP_MS;
    if (!isCounter && !isPower) return;
    const atFirst = this.#reader?.isOfInterval ? now.watts : before.watts;
    this.#joules += isCounter
      ? (now.joulesSoFar ?? 0) - (before.joulesSoFar ?? 0)
      : ((atFirst ?? 0) + (now.watts ?? 0)) * 0.5 * (passedMs / 1000);
    this.#coveredMs += passedMs;
  }

  async #findReader(): Promise<Sample | null> {
    this.#last = null;
    for (const reader of this.#readers) {
      const sample = await this.#read(reader);
      this.#reader = reader;
      if (sample) return sample;
    }
    this.#reader = null;
    return null;
  }

  async #read(reader: PowerReader): Promise<Sample | null> {
    const reading = await reader.read();
    return reading && { atMs: this.#nowMs(), ...reading };
  }
}
