import { OnnxFormatError, tooLarge } from './errors.ts';
import type { OnnxPort } from './facts.ts';
import { MAX_DEPTH, MAX_INITIALIZERS, MAX_PORTS } from './limits.ts';
import { DEFAULT_DOMAIN, type Tally } from './tally.ts';
import { readTensor } from './tensor.ts';
import { readPort } from './value-info.ts';
import { bodyOf, type Range, type Wire } from './wire.ts';

/** The main graph's own name and what goes into it and comes out of it. */
export type GraphFacts = { name: string; inputs: OnnxPort[]; outputs: OnnxPort[] };

/** Reads the main GraphProto; nodes and initializers, also of its subgraphs, go into the tally. */
export async function readGraph(wire: Wire, range: Range, tally: Tally): Promise<GraphFacts> {
  let name = '';
  const inputs: OnnxPort[] = [];
  const outputs: OnnxPort[] = [];
  const filled = new Set<string>();
  for await (const field of wire.fields(range)) {
    if (field.number === 1) await visitNode(wire, bodyOf(field), tally, 0);
    if (field.number === 2) name = await wire.name(field);
    if (field.number === 5) filled.add(await visitInitializer(wire, bodyOf(field), tally));
    if (field.number === 11) inputs.push(await readPort(wire, bodyOf(field)));
    if (field.number === 12) outputs.push(await readPort(wire, bodyOf(field)));
    if (field.number === 15) filled.add(await visitSparseInitializer(wire, bodyOf(field), tally));
    // Before ONNX IR 4 every initializer was also listed as an input.
    if (inputs.length > MAX_INITIALIZERS + MAX_PORTS) throw tooLarge('graph inputs', MAX_INITIALIZERS + MAX_PORTS);
    if (outputs.length > MAX_PORTS) throw tooLarge('graph outputs', MAX_PORTS);
  }
  const given = inputs.filter((input) => !filled.has(input.name));
  if (given.length > MAX_PORTS) throw tooLarge('graph inputs', MAX_PORTS);
  return { name, inputs: given, outputs };
}

/** Counts the nodes of a local FunctionProto. */
export async function visitFunction(wire: Wire, range: Range, tally: Tally): Promise<void> {
  for await (const field of wire.fields(range)) {
    if (field.number === 7) await visitNode(wire, bodyOf(field), tally, 1);
  }
}

async function visitSubgraph(wire: Wire, range: Range, tally: Tally, depth: number): Promise<void> {
  if (depth > MAX_DEPTH) {
    throw new OnnxFormatError(
      'too_deep',
      `The model nests graphs more than ${MAX_DEPTH} levels deep (If, Loop, Scan). Unroll or simplify it and export it again.`,
    );
  }
  for await (const field of wire.fields(range)) {
    if (field.number === 1) await visitNode(wire, bodyOf(field), tally, depth);
    if (field.number === 5) await visitInitializer(wire, bodyOf(field), tally);
    if (field.number === 15) await visitSparseInitializer(wire, bodyOf(field), tally);
  }
}

async function visitNode(wire: Wire, range: Range, tally: Tally, depth: number): Promise<void> {
  let opType = '';
  let domain = '';
  for await (const field of wire.fields(range)) {
    if (field.number === 4) opType = await wire.name(field);
    if (field.number === 5) await visitAttribute(wire, bodyOf(field), tally, depth);
    if (field.number === 7) domain = await wire.name(field);
  }
  tally.addNode(domain === DEFAULT_DOMAIN ? '' : domain, opType);
}

/** Attributes hold subgraphs, and tensors that may lie in external files. */
async function visitAttribute(wire: Wire, range: Range, tally: Tally, depth: number): Promise<void> {
  for await (const field of wire.fields(range)) {
    if (field.number === 5 || field.number === 10) await visitConstant(wire, bodyOf(field), tally);
    if (field.number === 6 || field.number === 11) await visitSubgraph(wire, bodyOf(field), tally, depth + 1);
    if (field.number !== 22 && field.number !== 23) continue;
    for await (const part of wire.fields(bodyOf(field))) {
      if (part.number === 1 || part.number === 2) await visitConstant(wire, bodyOf(part), tally);
    }
  }
}

/** A tensor that is no parameter, such as a constant or the indices of a sparse tensor. */
async function visitConstant(wire: Wire, range: Range, tally: Tally): Promise<void> {
  const { external } = await readTensor(wire, range);
  if (external) tally.addExternal(external);
}

async function visitInitializer(wire: Wire, range: Range, tally: Tally): Promise<string> {
  const tensor = await readTensor(wire, range);
  tally.addInitializer(tensor);
  return tensor.name;
}

/** A SparseTensorProto is known by the name of its values. */
async function visitSparseInitializer(wire: Wire, range: Range, tally: Tally): Promise<string> {
  let name = '';
  for await (const field of wire.fields(range)) {
    if (field.number === 1) name = await visitInitializer(wire, bodyOf(field), tally);
    if (field.number === 2) await visitConstant(wire, bodyOf(field), tally);
  }
  return name;
}
