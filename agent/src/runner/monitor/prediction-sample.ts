import { MAX_PREDICTIONS_PER_WINDOW, type Prediction, type PredictionSampling } from '@flotilla/protocol';

/**
 * Keeps some of a window's answers: all below a confidence first, then a share of the others, up to the cap. Within each kind every answer
 * of the window has the same chance (reservoir sampling, Vitter's algorithm R), so that a burst at its start does not take all places.
 */
export class PredictionSample {
  readonly #random: () => number;
  #sampling: PredictionSampling | null = null;
  #low = new Reservoir();
  #drawn = new Reservoir();

  constructor(random: () => number) {
    this.#random = random;
  }

  /** From now on; null: none. */
  set sampling(sampling: PredictionSampling | null) {
    this.#sampling = sampling;
  }

  add(prediction: Prediction): void {
    const sampling = this.#sampling;
    if (!sampling) return;
    const { lowConfidenceBelow = 0, share } = sampling;
    const cap = Math.min(sampling.maxPerWindow, MAX_PREDICTIONS_PER_WINDOW);
    if ((prediction.confidence ?? 1) < lowConfidenceBelow) this.#low.offer(prediction, cap, this.#random);
    else if (this.#random() < share) this.#drawn.offer(prediction, cap, this.#random);
  }

  take(): Prediction[] | undefined {
    const cap = this.#sampling?.maxPerWindow ?? 0;
    const kept = [...this.#low.items, ...this.#drawn.items].slice(0, Math.min(cap, MAX_PREDICTIONS_PER_WINDOW));
    this.#low = new Reservoir();
    this.#drawn = new Reservoir();
    return kept.length > 0 ? kept : undefined;
  }
}

class Reservoir {
  readonly items: Prediction[] = [];
  #offered = 0;

  offer(item: Prediction, cap: number, random: () => number): void {
    this.#offered += 1;
    if (this.items.length < cap) {
      this.items.push(item);
      return;
    }
    const place = Math.floor(random() * this.#offered);
    if (place < cap) this.items[place] = item;
  }
}
