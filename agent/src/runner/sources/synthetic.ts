import type { ReleaseInput } from '@flotilla/protocol';
import { Tensor } from 'onnxruntime-node';
import { messageOf } from '../../logger.ts';
import type { Inputs, Model } from '../model.ts';
import { RunnerError } from '../runner-error.ts';
import { createVibration, VIBRATION_SAMPLES } from './vibration.ts';

export type LabelledInput = { inputs: Inputs; label?: string | number };
export type SyntheticInput = Extract<ReleaseInput, { source: 'synthetic' }>;

/** Simulated signals of a rotating machine for a model that takes one FP32 input of 256 samples. */
export function createSynthetic(model: Model, input: SyntheticInput, seed: number): () => LabelledInput {
  const [first, ...others] = model.inputs;
  const width = first?.shape.at(-1) ?? 0;
  if (!first || others.length > 0 || first.datatype !== 'FP32' || ![VIBRATION_SAMPLES, -1].includes(width)) {
    const detail = `the vibration source gives one FP32 input of ${VIBRATION_SAMPLES} values; the model takes another`;
    throw new RunnerError('release.input', detail);
  }
  const next = settingsChecked(input, seed);
  const dims = [...first.shape.slice(0, -1).map(() => 1), VIBRATION_SAMPLES];
  return () => {
    const { signal, label } = next();
    return { inputs: { [first.name]: new Tensor('float32', signal, dims) }, label };
  };
}

function settingsChecked({ speedRpm, noise, drift }: SyntheticInput, seed: number) {
  try {
    return createVibration({ seed, speedRpm, noise, drift });
  } catch (error) {
    throw new RunnerError('release.input', messageOf(error), error);
  }
}
