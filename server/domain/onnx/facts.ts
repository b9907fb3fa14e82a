import * as z from 'zod';

const Count = z.number().int().min(0);

/**
 * A graph input or output. `elementType` is a tensor's type in lower case ('float32', 'int64', 'string', …) or the kind
 * of a value that is no tensor ('sequence', 'map', 'optional', 'sparse'). A dimension is its size, the name of a size
 * that the caller chooses, or null when unknown. The shape is empty for a scalar and when the model does not say.
 */
export const OnnxPort = z.object({
  name: z.string(),
  elementType: z.string(),
  shape: z.array(z.union([Count, z.string(), z.null()])),
});
export type OnnxPort = z.infer<typeof OnnxPort>;

/**
 * A file of weights beside the model, relative to it and without a leading './'. The tensors in it lie from `offset` to
 * `offset + length` bytes; both are absent when the model does not say for each of them.
 */
export const OnnxExternalFile = z.object({ location: z.string(), offset: Count.optional(), length: Count.optional() });
export type OnnxExternalFile = z.infer<typeof OnnxExternalFile>;

/** What an ONNX file says about itself, read without its weights. */
export const OnnxFacts = z.object({
  irVersion: Count,
  /** Version of the default operator set; 1 when the model imports none and so demands nothing of it. */
  opset: Count,
  /** All operator sets. The default one is called 'ai.onnx'. */
  opsetImports: z.array(z.object({ domain: z.string(), version: Count })),
  producerName: z.string(),
  producerVersion: z.string(),
  modelVersion: z.number().int(),
  graphName: z.string(),
  docString: z.string(),
  /** What a caller must give: graph inputs that no initializer fills. */
  inputs: z.array(OnnxPort),
  outputs: z.array(OnnxPort),
  /** How often each operator appears, most frequent first, with subgraphs and local functions. */
  operators: z.array(z.object({ domain: z.string(), opType: z.string(), count: Count })),
  nodeCount: Count,
  initializerCount: Count,
  /** Numbers in all initializers, and the bytes they take in memory. */
  parameters: Count,
  parameterBytes: Count,
  metadata: z.record(z.string(), z.string()),
  externalData: z.array(OnnxExternalFile),
  fileSizeBytes: Count,
  /** Whether any operator works on quantized numbers. */
  quantized: z.boolean(),
});
export type OnnxFacts = z.infer<typeof OnnxFacts>;
