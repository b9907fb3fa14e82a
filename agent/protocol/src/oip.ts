import * as z from 'zod';

/** Tensor types of the Open Inference Protocol v2 that the runner takes. */
export const tensorTypes = [
  'BOOL',
  'UINT8',
  'INT8',
  'UINT16',
  'INT16',
  'INT32',
  'UINT32',
  'INT64',
  'UINT64',
  'FP32',
  'FP64',
] as const;

/** A tensor in the JSON form of OIP v2: row-major `data`, flat. */
export const OipTensor = z.looseObject({
  name: z.string().min(1).max(200),
  datatype: z.enum(tensorTypes),
  shape: z.array(z.number().int().min(0)).max(16),
  data: z.array(z.union([z.number(), z.boolean()])),
});
export type OipTensor = z.infer<typeof OipTensor>;

export const OipInferRequest = z.looseObject({
  id: z.string().max(200).optional(),
  inputs: z.array(OipTensor).min(1).max(64),
});
export const OipInferResponse = z.looseObject({
  model_name: z.string(),
  model_version: z.string().optional(),
  id: z.string().optional(),
  outputs: z.array(OipTensor),
});

/** A release's `golden` file: inputs with the outputs they must give, within the release's tolerance. */
export const GoldenFile = z.looseObject({
  v: z.literal(1),
  cases: z
    .array(z.looseObject({ inputs: z.array(OipTensor).min(1), outputs: z.array(OipTensor).min(1) }))
    .min(1)
    .max(1000),
});
export type GoldenFile = z.infer<typeof GoldenFile>;

/** A release's `labels` file: class names in the order of the model's output. */
export const LabelsFile = z.looseObject({
  v: z.literal(1),
  classes: z.array(z.string().min(1).max(100)).min(2).max(1000),
});
export type LabelsFile = z.infer<typeof LabelsFile>;
