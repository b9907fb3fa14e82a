import type { LabelsFile } from '@flotilla/protocol';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { messageOf } from '../logger.ts';
import { badRequest, RequestError, RunnerError } from './runner-error.ts';
import { type SessionSettings, sessionOptions } from './session-settings.ts';
import { oipTypeOf } from './tensor-data.ts';

export type TensorFacts = { name: string; datatype: string; shape: number[] };
export type Inputs = Record<string, Tensor>;

/** A model in ONNX Runtime, with what it takes and gives. Dimensions that a model leaves open are −1. */
export type Model = {
  name: string;
  version: string;
  inputs: TensorFacts[];
  outputs: TensorFacts[];
  labels: string[] | null;
  /** Blocks this thread while it runs. Throws {@link RequestError} 400 for inputs the model does not take. */
  run(inputs: Inputs): Promise<Record<string, Tensor>>;
};

export async function loadModel(order: {
  name: string;
  version: string;
  path: string;
  settings: SessionSettings;
  labels: LabelsFile | null;
}): Promise<Model> {
  const session = await createSession(order.path, order.settings);
  const inputs = session.inputMetadata.map(factsOf);
  return {
    name: order.name,
    version: order.version,
    inputs,
    outputs: session.outputMetadata.map(factsOf),
    labels: order.labels?.classes ?? null,
    async run(given) {
      checkInputs(inputs, given);
      try {
        return (await session.run(given)) as Record<string, Tensor>;
      } catch (error) {
        throw new RequestError(500, 'run_failed', messageOf(error));
      }
    },
  };
}

async function createSession(path: string, settings: SessionSettings): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(path, sessionOptions(settings));
  } catch (error) {
    throw new RunnerError('runner.load', messageOf(error), error);
  }
}

function factsOf(metadata: InferenceSession.ValueMetadata): TensorFacts {
  if (!metadata.isTensor) throw new RunnerError('runner.load', `"${metadata.name}" is not a tensor`);
  const shape = metadata.shape.map((each) => (typeof each === 'number' && each >= 0 ? each : -1));
  return { name: metadata.name, datatype: oipTypeOf(metadata.type) ?? metadata.type, shape };
}

function checkInputs(facts: TensorFacts[], given: Inputs): void {
  for (const name of Object.keys(given)) {
    if (!facts.some((each) => each.name === name))
      throw badRequest('unknown_input', `the model has no input "${name}"`);
  }
  for (const { name, datatype, shape } of facts) {
    const tensor = given[name];
    if (!tensor) throw badRequest('missing_input', `input "${name}" is missing`);
    if (oipTypeOf(tensor.type) !== datatype) {
      throw badRequest('bad_datatype', `input "${name}" must be ${datatype}, not ${oipTypeOf(tensor.type)}`);
    }
    const fits = tensor.dims.length === shape.length && shape.every((each, at) => each < 0 || each === tensor.dims[at]);
    if (!fits) throw badRequest('bad_shape', `input "${name}" must have the shape [${shape}], not [${tensor.dims}]`);
  }
}
