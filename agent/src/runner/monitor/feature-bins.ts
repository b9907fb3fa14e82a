import { addToSketch, emptySketch, type FeatureCounts, sketchToWire } from '@flotilla/protocol';

/** Counts the values of one feature. */
export interface FeatureBins {
  add(value: number): void;
  /** What was counted since the last call; null when nothing was. */
  take(): FeatureCounts | null;
}

/** On the edges of a reference profile: bin 0 below the first edge, the last bin from the last edge on. */
export class EdgeBins implements FeatureBins {
  readonly #edges: Float64Array;
  #counts: number[];
  #missing = 0;
  #isEmpty = true;

  constructor(edges: readonly number[]) {
    this.#edges = Float64Array.from(edges);
    this.#counts = this.#zeros();
  }

  add(value: number): void {
    this.#isEmpty = false;
    if (!Number.isFinite(value)) {
      this.#missing += 1;
      return;
    }
    const edges = this.#edges;
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((edges[middle] as number) <= value) low = middle + 1;
      else high = middle;
    }
    this.#counts[low] = (this.#counts[low] as number) + 1;
  }

  take(): FeatureCounts | null {
    if (this.#isEmpty) return null;
    const counts = this.#counts;
    const missing = this.#missing;
    this.#counts = this.#zeros();
    this.#missing = 0;
    this.#isEmpty = true;
    return { counts, ...(missing > 0 && { missing }) };
  }

  #zeros(): number[] {
    return Array.from({ length: this.#edges.length + 1 }, () => 0);
  }
}

/** Without a profile: sketches of the values ≥ 0 and of the absolute values of those below. */
export class SketchBins implements FeatureBins {
  #positive = emptySketch();
  #negative = emptySketch();
  #missing = 0;

  add(value: number): void {
    if (!Number.isFinite(value)) this.#missing += 1;
    else if (value >= 0) addToSketch(this.#positive, value);
    else addToSketch(this.#negative, -value);
  }

  take(): FeatureCounts | null {
    const [positive, negative, missing] = [this.#positive, this.#negative, this.#missing];
    if (positive.count + negative.count + missing === 0) return null;
    this.#positive = emptySketch();
    this.#negative = emptySketch();
    this.#missing = 0;
    return {
      positive: sketchToWire(positive),
      ...(negative.count > 0 && { negative: sketchToWire(negative) }),
      ...(missing > 0 && { missing }),
    };
  }
}
