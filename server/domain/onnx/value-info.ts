import { elementTypeName } from './element-types.ts';
import { damaged } from './errors.ts';
import type { OnnxPort } from './facts.ts';
import { MAX_RANK } from './limits.ts';
import { bodyOf, integerOf, type Range, type Wire } from './wire.ts';

/** Members of TypeProto's choice that are no plain tensors, by their field numbers. */
const otherKinds: ReadonlyMap<number, string> = new Map([
  [4, 'sequence'],
  [5, 'map'],
  [8, 'sparse'],
  [9, 'optional'],
]);

/** Reads a ValueInfoProto: an input's or output's name, type and shape. */
export async function readPort(wire: Wire, range: Range): Promise<OnnxPort> {
  const port: OnnxPort = { name: '', elementType: 'unknown', shape: [] };
  for await (const field of wire.fields(range)) {
    if (field.number === 1) port.name = await wire.name(field);
    if (field.number === 2) Object.assign(port, await readType(wire, bodyOf(field)));
  }
  return port;
}

async function readType(wire: Wire, range: Range): Promise<Omit<OnnxPort, 'name'>> {
  let type: Omit<OnnxPort, 'name'> = { elementType: 'unknown', shape: [] };
  for await (const field of wire.fields(range)) {
    const kind = otherKinds.get(field.number);
    if (kind) type = { elementType: kind, shape: [] };
    if (field.number === 1) type = await readTensorType(wire, bodyOf(field));
  }
  return type;
}

async function readTensorType(wire: Wire, range: Range): Promise<Omit<OnnxPort, 'name'>> {
  let elementType = 'unknown';
  const shape: OnnxPort['shape'] = [];
  for await (const field of wire.fields(range)) {
    if (field.number === 1) elementType = elementTypeName(integerOf(field));
    if (field.number !== 2) continue;
    for await (const dimension of wire.fields(bodyOf(field))) {
      if (dimension.number !== 1) continue;
      if (shape.length >= MAX_RANK) throw damaged(dimension.at, `a shape has more than ${MAX_RANK} dimensions`);
      shape.push(await readDimension(wire, bodyOf(dimension)));
    }
  }
  return { elementType, shape };
}

/** Exporters of old wrote -1, and some an empty name, for a size that is not known. */
async function readDimension(wire: Wire, range: Range): Promise<number | string | null> {
  let size: number | string | null = null;
  for await (const field of wire.fields(range)) {
    if (field.number === 1) size = integerOf(field) < 0 ? null : integerOf(field);
    if (field.number === 2) size = (await wire.name(field)) || null;
  }
  return size;
}
