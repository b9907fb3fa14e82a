import type { Calibration, CalibrationCurve, Estimated } from '@flotilla/protocol';

/** Digits behind the point of a sum on the wire: single probabilities are no more exact than this. */
const DIGITS = 1e6;

/** Sums what the calibrated probabilities promise of accuracy; the formula is at {@link Estimated}. */
export class AccuracyEstimate {
  readonly #calibration: Calibration;
  #sums: Estimated;

  constructor(calibration: Calibration) {
    this.#calibration = calibration;
    this.#sums = emptySums(calibration.classes);
  }

  /** One answer: the raw probabilities of all classes, and the class that was answered. Of another number of classes: not counted. */
  add(probabilities: ArrayLike<number>, predicted: number): void {
    const { classes } = this.#calibration;
    if (probabilities.length !== classes) return;
    const calibrated = calibrate(this.#calibration, probabilities);
    const sums = this.#sums;
    const { truePositives, falsePositives, falseNegatives } = sums;
    for (let k = 0; k < classes; k++) {
      const p = calibrated[k] as number;
      if (k === predicted) {
        truePositives[k] = (truePositives[k] as number) + p;
        falsePositives[k] = (falsePositives[k] as number) + (1 - p);
        sums.variance += p * (1 - p);
      } else falseNegatives[k] = (falseNegatives[k] as number) + p;
    }
    sums.n += 1;
  }

  take(): Estimated | undefined {
    const { n, truePositives, falsePositives, falseNegatives, variance } = this.#sums;
    this.#sums = emptySums(this.#calibration.classes);
    if (n === 0) return undefined;
    return {
      n,
      truePositives: truePositives.map(rounded),
      falsePositives: falsePositives.map(rounded),
      falseNegatives: falseNegatives.map(rounded),
      variance: rounded(variance),
    };
  }
}

/** Each class by its own curve, then made to sum to 1. Where all curves say 0, the raw probabilities stand. */
export function calibrate({ curves }: Calibration, probabilities: ArrayLike<number>): number[] {
  const calibrated = Array.from(probabilities, (p, k) => curveAt(curves[curves.length === 1 ? 0 : k], p));
  const sum = calibrated.reduce((total, each) => total + each, 0);
  return sum > 0 ? calibrated.map((each) => each / sum) : Array.from(probabilities);
}

/** Linear between the points, flat beyond them. */
function curveAt(curve: CalibrationCurve | undefined, p: number): number {
  if (!curve) return p;
  const { x, y } = curve;
  let high = 0;
  while (high < x.length && (x[high] as number) < p) high += 1;
  if (high === 0) return y[0] as number;
  if (high === x.length) return y[high - 1] as number;
  const [x0, x1] = [x[high - 1] as number, x[high] as number];
  const [y0, y1] = [y[high - 1] as number, y[high] as number];
  return y0 + ((y1 - y0) * (p - x0)) / (x1 - x0);
}

function emptySums(classes: number): Estimated {
  const zeros = () => Array.from({ length: classes }, () => 0);
  return { n: 0, truePositives: zeros(), falsePositives: zeros(), falseNegatives: zeros(), variance: 0 };
}

function rounded(value: number): number {
  return Math.max(0, Math.round(value * DIGITS) / DIGITS);
}
