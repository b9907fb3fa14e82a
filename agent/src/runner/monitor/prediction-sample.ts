import { MAX_PREDICTIONS_PER_WINDOW, type Prediction, type PredictionSampling } from '@flotilla/protocol';

/**
 * Keeps some of a window's answers: all below a confidence, and a share of the others, up to the cap. Within each kind every answer of the
 * window has the same chance (reservoir sampling, Vitter's algorithm R), so that a burst at its start does not take all places; and neither
 * kind takes more than half of them from the other.
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

  /** Null when no confidence is low. */
  isUnsure(confidence: number): boolean | null {
    const below = this.#sampling?.lowConfidenceBelow;
    return below === undefined ? null : confidence < below;
  }

  add(prediction: Prediction): void {
    if (!this.#sampling) return;
    if (this.isUnsure(prediction.confidence ?? 1))
      this.#low.offer({ ...prediction, unsure: true }, this.#cap, this.#random);
    else if (this.#random() < this.#sampling.share) this.#drawn.offer(prediction, this.#cap, this.#random);
  }

  take(): Prediction[] | undefined {
    const cap = this.#cap;
    const [low, drawn] = [this.#low.items, this.#drawn.items];
    const unsure = Math.min(low.length, Math.max(cap - drawn.length, Math.ceil(cap / 2)));
    const kept = [...some(low, unsure, this.#random), ...some(drawn, cap - unsure, this.#random)];
    this.#low = new Reservoir();
    this.#drawn = new Reservoir();
    return kept.length > 0 ? kept : undefined;
  }

  get #cap(): number {
    return Math.min(this.#sampling?.maxPerWindow ?? 0, MAX_PREDICTIONS_PER_WINDOW);
  }
}

/** So many of them, each with the same chance: a reservoir's first places hold more of the early ones. Changes `items`. */
function some<T>(items: T[], count: number, random: () => number): T[] {
  while (items.length > Math.max(0, count)) items.splice(Math.floor(random() * items.length), 1);
  return items;
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
