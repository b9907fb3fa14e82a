import type { ByteSource } from './byte-source.ts';
import { damaged, OnnxFormatError, tooLarge } from './errors.ts';
import type { OnnxFacts } from './facts.ts';
import { type GraphFacts, readGraph, visitFunction } from './graph.ts';
import {
  MAX_DOC_BYTES,
  MAX_METADATA_ENTRIES,
  MAX_METADATA_KEY_BYTES,
  MAX_METADATA_VALUE_BYTES,
  MAX_OPSETS,
} from './limits.ts';
import { HEAD_BYTES, looksLike } from './looks-like.ts';
import { createTally, DEFAULT_DOMAIN, type Tally } from './tally.ts';
import { bodyOf, createWire, integerOf, type Range, type Wire } from './wire.ts';

/** Highest IR version that is believed. ONNX is at 14, and began to count in 2017. */
const MAX_IR_VERSION = 1000;

/** Before IR 3 a model did not have to say which operator sets it uses. */
const OPSET_SINCE_IR = 3;

type ModelParts = {
  irVersion: number | undefined;
  producerName: string;
  producerVersion: string;
  modelVersion: number;
  docString: string;
  graph: GraphFacts | undefined;
  opsetImports: OnnxFacts['opsetImports'];
  metadata: Map<string, string>;
};

/**
 * Reads what an ONNX file says about itself. Weights are jumped over: memory and reading stay small for any size.
 * Throws `OnnxFormatError`, and what the source itself throws. A file that was cut exactly behind a complete part after
 * the operator sets (metadata, functions) cannot be told from a whole one; its hash can.
 */
export async function readOnnx(source: ByteSource): Promise<OnnxFacts> {
  const wire = createWire(source);
  const tally = createTally();
  const parts: ModelParts = {
    irVersion: undefined,
    producerName: '',
    producerVersion: '',
    modelVersion: 0,
    docString: '',
    graph: undefined,
    opsetImports: [],
    metadata: new Map(),
  };
  try {
    await readModel(wire, tally, parts);
    return assemble(wire, tally, parts);
  } catch (error) {
    throw error instanceof OnnxFormatError ? await explain(source, parts, error) : error;
  }
}

async function readModel(wire: Wire, tally: Tally, parts: ModelParts): Promise<void> {
  for await (const field of wire.fields({ start: 0, end: wire.sizeBytes })) {
    switch (field.number) {
      case 1:
        parts.irVersion = integerOf(field);
        if (parts.irVersion < 1 || parts.irVersion > MAX_IR_VERSION)
          throw damaged(field.at, 'the IR version is absurd');
        break;
      case 2:
        parts.producerName = await wire.name(field);
        break;
      case 3:
        parts.producerVersion = await wire.name(field);
        break;
      case 5:
        parts.modelVersion = integerOf(field);
        break;
      case 6:
        parts.docString = await wire.text(field, MAX_DOC_BYTES);
        break;
      case 7:
        if (parts.graph) throw damaged(field.at, 'a second graph begins');
        parts.graph = await readGraph(wire, bodyOf(field), tally);
        break;
      case 8:
        parts.opsetImports.push(await readOpset(wire, bodyOf(field)));
        if (parts.opsetImports.length > MAX_OPSETS) throw tooLarge('operator sets', MAX_OPSETS);
        break;
      case 14:
        await readMetadata(wire, bodyOf(field), parts.metadata);
        break;
      case 25:
        await visitFunction(wire, bodyOf(field), tally);
        break;
    }
  }
}

async function readOpset(wire: Wire, range: Range): Promise<{ domain: string; version: number }> {
  const opset = { domain: DEFAULT_DOMAIN, version: 0 };
  for await (const field of wire.fields(range)) {
    if (field.number === 1) opset.domain = (await wire.name(field)) || DEFAULT_DOMAIN;
    if (field.number === 2) opset.version = integerOf(field);
  }
  if (opset.version < 1) throw damaged(range.start, `the operator set "${opset.domain}" has no version`);
  return opset;
}

async function readMetadata(wire: Wire, range: Range, metadata: Map<string, string>): Promise<void> {
  let key = '';
  let value = '';
  for await (const field of wire.fields(range)) {
    if (field.number === 1) key = await wire.text(field, MAX_METADATA_KEY_BYTES);
    if (field.number === 2) value = await wire.text(field, MAX_METADATA_VALUE_BYTES);
  }
  // '__proto__' is no key that any reader of JSON treats like the others.
  if (metadata.size < MAX_METADATA_ENTRIES && key !== '__proto__') metadata.set(key, value);
}

function assemble(wire: Wire, tally: Tally, parts: ModelParts): OnnxFacts {
  const { graph, irVersion, metadata, ...rest } = parts;
  if (irVersion === undefined) throw damaged(0, 'there is no IR version');
  if (!graph || (parts.opsetImports.length === 0 && irVersion >= OPSET_SINCE_IR)) {
    const missing = graph ? 'operator sets' : 'graph';
    throw new OnnxFormatError(
      'truncated',
      `The file ends at byte ${wire.sizeBytes} before the model's ${missing}: it is cut off. Upload the whole file again.`,
    );
  }
  return {
    ...rest,
    irVersion,
    opset: parts.opsetImports.find(({ domain }) => domain === DEFAULT_DOMAIN)?.version ?? 1,
    graphName: graph.name,
    inputs: graph.inputs,
    outputs: graph.outputs,
    metadata: Object.fromEntries(metadata),
    fileSizeBytes: wire.sizeBytes,
    ...tally.result(),
  };
}

/**
 * Says what the file is instead, where that can be known. A file counts as cut off only after an IR version was read:
 * before that, a length behind the end is more likely the chance content of another format.
 */
async function explain(source: ByteSource, parts: ModelParts, error: OnnxFormatError): Promise<OnnxFormatError> {
  if (error.code !== 'not_onnx' && error.code !== 'truncated') return error;
  const length = Math.min(HEAD_BYTES, source.sizeBytes);
  const head = length > 0 ? await source.read(0, length) : new Uint8Array(0);
  if (head.length < length) return error;
  const other = looksLike(head.subarray(0, length));
  if (other) return new OnnxFormatError('not_onnx', other, { cause: error });
  if (error.code === 'not_onnx' || parts.irVersion !== undefined) return error;
  return new OnnxFormatError(
    'not_onnx',
    'This is not an ONNX model: it does not begin like one. Choose the .onnx file that your training or export wrote.',
    { cause: error },
  );
}
