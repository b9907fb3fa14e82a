import type { OipTensor } from '@flotilla/protocol';
import type { Inputs } from './model.ts';
import { tensorFromJson } from './tensors.ts';

export function inputsOf(tensors: OipTensor[]): Inputs {
  return Object.fromEntries(tensors.map((tensor) => [tensor.name, tensorFromJson(tensor)]));
}
