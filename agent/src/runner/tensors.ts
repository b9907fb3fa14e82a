import type { OipTensor } from '@flotilla/protocol';
import { Tensor } from 'onnxruntime-node';
import { dataFromJson, dataToJson, oipTypeFor, type TensorData } from './tensor-data.ts';

function toTensor({ type, data, dims }: TensorData): Tensor {
  return new Tensor(type as 'float32', data as Float32Array, dims);
}

export function toTensors(given: Readonly<Record<string, TensorData>>): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = Object.create(null);
  for (const name of Object.keys(given)) tensors[name] = toTensor(given[name] as TensorData);
  return tensors;
}

export function tensorFromJson(tensor: { name: string; shape: number[]; datatype: unknown; data?: unknown }): Tensor {
  return toTensor(dataFromJson(tensor));
}

export function tensorToJson(name: string, tensor: Tensor): OipTensor {
  return dataToJson(name, tensor as TensorData);
}

export function tensorToBytes(name: string, tensor: Tensor) {
  const datatype = oipTypeFor(name, tensor.type);
  const data = tensor.data as Float32Array;
  return {
    name,
    datatype,
    shape: [...tensor.dims],
    bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}
