import {
  CONFIDENCE_BINS,
  type DetectionCounts,
  type PredictionSampling,
  type ReferenceProfile,
  type Window,
} from '@flotilla/protocol';
import type { Answer, Reading } from '../answers.ts';
import type { TensorData } from '../tensor-data.ts';
import type { Capture } from './capture.ts';
import { AccuracyEstimate } from './estimate.ts';
import type { InputShape } from './feature-values.ts';
import { InputFeatures } from './features.ts';
import { LabelCounts } from './label-counts.ts';
import { PredictionSample } from './prediction-sample.ts';
import { RecentAnswers } from './recent-answers.ts';

export type MonitorOptions = {
  profile: ReferenceProfile | null;
  inputs: readonly InputShape[];
  /** Names of the classes in the order of the output. */
  labels: readonly string[] | null;
  random: () => number;
  /** Monotonic, in milliseconds. */
  clockMs: () => number;
};

/** A label: a class by name or index, or the true value of a regression. */
export type Label = string | number;

/** One inference that was answered. `at` is wall-clock time; `label` is of a request with a single sample. */
export type Observation = {
  id: string;
  at: number;
  inputs: Readonly<Record<string, TensorData>>;
  outputs: Readonly<Record<string, TensorData>>;
  reading: Reading | null;
  label?: Label | undefined;
};

export type MonitorWindow = Pick<Window, 'outputs' | 'inputs' | 'labelled' | 'predictions'>;

/** `unknown`: no such inference among the last ones. `repeated`: it has its label already. `unfit`: not of the kind of the answer. */
export type LabelFate = 'counted' | 'unknown' | 'repeated' | 'unfit';

/** Counts what comes in, what is answered and how right that is. No raw input leaves it. */
export class Monitor {
  readonly #labels: readonly string[] | null;
  readonly #features: InputFeatures;
  readonly #estimate: AccuracyEstimate | null;
  readonly #predictions: PredictionSample;
  readonly #labelled = new LabelCounts();
  readonly #recent = new RecentAnswers();
  /** Keeps whole inferences, only while someone asked for it. */
  capture: Capture | null = null;
  #outputs = freshOutputs();

  constructor({ profile, inputs, labels, random, clockMs }: MonitorOptions) {
    this.#labels = labels;
    this.#features = new InputFeatures(profile, inputs, clockMs);
    this.#estimate = profile?.calibration ? new AccuracyEstimate(profile.calibration) : null;
    this.#predictions = new PredictionSample(random);
  }

  set sampling(sampling: PredictionSampling | null) {
    this.#predictions.sampling = sampling;
  }

  add({ id, at, inputs, outputs, reading, label }: Observation): void {
    this.#features.add(inputs);
    this.capture?.add(id, at, inputs, outputs, label);
    if (reading?.kind === 'classes') this.#addClasses(id, at, reading, label);
    else if (reading?.kind === 'values') this.#addValues(id, at, reading.values, label);
    else this.#recent.add(id, {}, false);
  }

  /** A label that comes after its answer. */
  label(id: string, label: Label | DetectionCounts): LabelFate {
    this.capture?.label(id, label);
    const answer = this.#recent.get(id);
    if (!answer) return 'unknown';
    if (answer.isLabelled) return 'repeated';
    const { classes, predicted, value } = answer;
    if (typeof label === 'object') this.#labelled.addDetection(label);
    else if (classes !== undefined && predicted !== undefined) {
      const actual = this.#classOf(label, classes);
      if (actual === null) return 'unfit';
      this.#labelled.addClass(classes, actual, predicted);
    } else if (value !== undefined && Number.isFinite(Number(label))) this.#labelled.addValue(value, Number(label));
    else return 'unfit';
    answer.isLabelled = true;
    return 'counted';
  }

  /** Hands over what was counted and starts again. */
  take(): MonitorWindow {
    const { classes, samples, classCounts, confidence, unsure, entropySum } = this.#outputs;
    this.#outputs = freshOutputs();
    const estimated = this.#estimate?.take();
    const inputs = this.#features.take();
    const labelled = this.#labelled.take();
    const predictions = this.#predictions.take();
    return {
      ...(samples > 0 && {
        outputs: {
          classCounts: Array.from({ length: classes }, (_, index) => classCounts[index] ?? 0),
          confidence,
          ...(unsure !== null && { unsure }),
          meanEntropy: entropySum / samples,
          ...(estimated && { estimated }),
        },
      }),
      ...(inputs && { inputs }),
      ...(labelled && { labelled }),
      ...(predictions && { predictions }),
    };
  }

  #addClasses(id: string, at: number, { classes, answers }: { classes: number; answers: Answer[] }, label?: Label) {
    for (const answer of answers) this.#addAnswer(classes, answer);
    const [only] = answers;
    if (answers.length !== 1 || !only) return;
    const { predicted, confidence } = only;
    this.#predictions.add({ id, at, class: predicted, confidence: Math.min(1, confidence) });
    const actual = label === undefined ? null : this.#classOf(label, classes);
    if (actual !== null) this.#labelled.addClass(classes, actual, predicted);
    this.#recent.add(id, { classes, predicted }, actual !== null);
  }

  #addValues(id: string, at: number, values: number[], label?: Label) {
    const [value] = values;
    if (values.length !== 1 || value === undefined || !Number.isFinite(value)) return;
    this.#predictions.add({ id, at, value });
    const actual = label === undefined || label === '' ? Number.NaN : Number(label);
    if (Number.isFinite(actual)) this.#labelled.addValue(value, actual);
    this.#recent.add(id, { value }, Number.isFinite(actual));
  }

  #addAnswer(classes: number, { predicted, confidence, entropy, probabilities }: Answer): void {
    const outputs = this.#outputs;
    outputs.classes = Math.max(outputs.classes, classes);
    outputs.samples += 1;
    outputs.entropySum += entropy;
    outputs.classCounts[predicted] = (outputs.classCounts[predicted] ?? 0) + 1;
    const bin = Math.min(CONFIDENCE_BINS - 1, Math.floor(confidence * CONFIDENCE_BINS));
    outputs.confidence[bin] = (outputs.confidence[bin] ?? 0) + 1;
    const isUnsure = this.#predictions.isUnsure(confidence);
    outputs.unsure = isUnsure === null ? null : (outputs.unsure ?? 0) + Number(isUnsure);
    this.#estimate?.add(probabilities, predicted);
  }

  #classOf(label: Label, classes: number): number | null {
    const named = this.#labels?.indexOf(String(label)) ?? -1;
    const index = named >= 0 || label === '' ? named : Number(label);
    return Number.isInteger(index) && index >= 0 && index < classes ? index : null;
  }
}

function freshOutputs() {
  return {
    classes: 0,
    samples: 0,
    classCounts: [] as number[],
    confidence: Array.from({ length: CONFIDENCE_BINS }, () => 0),
    unsure: null as number | null,
    entropySum: 0,
  };
}
