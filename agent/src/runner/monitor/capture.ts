import type { CaptureOrder, CaptureState } from '../contract.ts';
import { dataToJson, type TensorData } from '../tensor-data.ts';
import type { Label } from './monitor.ts';

/** There is none: it ended, or the runner is another. */
export const NO_CAPTURE: CaptureState = { samples: 0, isFull: true };

type Tensors = Readonly<Record<string, TensorData>>;
type Sample = { id: string; at: number; inputs: unknown[]; outputs: unknown[]; label?: unknown };

/** Keeps whole inferences, within bounds, until they are taken; only while someone asked for it. */
export class Capture {
  readonly #order: CaptureOrder;
  readonly #samples = new Map<string, Sample>();
  #bytes = 0;
  #isFull = false;

  constructor(order: CaptureOrder) {
    this.#order = order;
  }

  get state(): CaptureState {
    return { samples: this.#samples.size, isFull: this.#isFull };
  }

  add(id: string, at: number, inputs: Tensors, outputs: Tensors, label: Label | undefined): void {
    if (this.#isFull || this.#samples.has(id)) return;
    const sample = {
      ...{ id, at, inputs: tensorsOf(inputs), outputs: tensorsOf(outputs) },
      ...(label !== undefined && { label }),
    };
    const sizeBytes = Buffer.byteLength(JSON.stringify(sample)) + 1;
    if (this.#bytes + sizeBytes > this.#order.maxBytes) {
      this.#isFull = true;
      return;
    }
    this.#bytes += sizeBytes;
    this.#samples.set(id, sample);
    this.#isFull = this.#samples.size >= this.#order.samples;
  }

  /** A label that comes while its sample is still here. */
  label(id: string, label: unknown): void {
    const sample = this.#samples.get(id);
    if (sample) sample.label = label;
  }

  /** One JSON object a line. */
  lines(): string {
    return [...this.#samples.values()].map((each) => `${JSON.stringify(each)}\n`).join('');
  }
}

function tensorsOf(tensors: Tensors): unknown[] {
  return Object.entries(tensors).map(([name, tensor]) => dataToJson(name, tensor));
}
