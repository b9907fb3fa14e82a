import { elementBits } from './element-types.ts';
import { damaged, OnnxFormatError } from './errors.ts';
import { safeExternalPath } from './external-path.ts';
import { MAX_LOCATION_BYTES, MAX_RANK } from './limits.ts';
import { bodyOf, type Field, integerOf, type Range, type Wire } from './wire.ts';

export type External = { location: string; offset: number | undefined; length: number | undefined };

/** A tensor without its values. `elements` and `sizeBytes` follow from its shape and type. */
export type TensorFacts = { name: string; elements: number; sizeBytes: number; external: External | undefined };

/** ONNX's own TensorProto.DataLocation. */
const EXTERNAL = 1;

/** Reads a TensorProto and jumps over its values. */
export async function readTensor(wire: Wire, range: Range): Promise<TensorFacts> {
  let name = '';
  let dataType = 0;
  let isExternal = false;
  let textBytes = 0;
  let rawBytes: number | undefined;
  const shape: number[] = [];
  const entries = new Map<string, string>();
  for await (const field of wire.fields(range)) {
    if (field.number === 1) shape.push(...(await wire.integers(field, MAX_RANK)));
    else if (field.number === 2) dataType = integerOf(field);
    else if (field.number === 6) textBytes += bodyOf(field).end - bodyOf(field).start;
    else if (field.number === 8) name = await wire.name(field);
    else if (field.number === 9) rawBytes = bodyOf(field).end - bodyOf(field).start;
    else if (field.number === 13) await readEntry(wire, field, entries);
    else if (field.number === 14) isExternal = integerOf(field) === EXTERNAL;
    if (shape.length > MAX_RANK) throw damaged(field.at, `a tensor has more than ${MAX_RANK} dimensions`);
  }
  const elements = shape.reduce((product, size) => product * size, 1);
  const bits = elementBits(dataType);
  const sizeBytes = bits === null ? textBytes : Math.ceil((elements * bits) / 8);
  if (shape.some((size) => size < 0) || !Number.isSafeInteger(sizeBytes) || !Number.isSafeInteger(elements)) {
    throw damaged(range.start, `the tensor "${name}" has the impossible shape [${shape.join(', ')}]`);
  }
  if (rawBytes !== undefined && bits !== null && !isExternal && rawBytes !== sizeBytes) {
    throw damaged(range.start, `the tensor "${name}" should hold ${sizeBytes} bytes and holds ${rawBytes}`);
  }
  return { name, elements, sizeBytes, external: isExternal || entries.size > 0 ? external(name, entries) : undefined };
}

/** A StringStringEntryProto of `external_data`. Keys other than ours are of no interest, and so are not kept. */
async function readEntry(wire: Wire, field: Field, entries: Map<string, string>): Promise<void> {
  let key = '';
  let value = '';
  for await (const part of wire.fields(bodyOf(field))) {
    if (part.number === 1) key = await wire.text(part, MAX_LOCATION_BYTES);
    // One byte more than allowed, so that a name is refused rather than shortened into another one.
    if (part.number === 2) value = await wire.text(part, MAX_LOCATION_BYTES + 1);
  }
  if (key === 'location' || key === 'offset' || key === 'length') entries.set(key, value);
}

function external(name: string, entries: ReadonlyMap<string, string>): External {
  const location = entries.get('location') ?? '';
  if (new TextEncoder().encode(location).length > MAX_LOCATION_BYTES) {
    throw new OnnxFormatError(
      'unsafe_external_path',
      `The tensor "${name}" names a weights file of more than ${MAX_LOCATION_BYTES} bytes. Save the model again with a short plain location.`,
    );
  }
  return {
    location: safeExternalPath(location),
    offset: decimal(name, entries.get('offset')),
    length: decimal(name, entries.get('length')),
  };
}

function decimal(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new OnnxFormatError(
    'not_onnx',
    `The tensor "${name}" has an external offset or length that is no number. Save the model's external data again.`,
  );
}
