import { tooLarge } from './errors.ts';
import type { OnnxExternalFile, OnnxFacts } from './facts.ts';
import { MAX_EXTERNAL_FILES, MAX_INITIALIZERS, MAX_NODES, MAX_OPERATOR_KINDS } from './limits.ts';
import type { External, TensorFacts } from './tensor.ts';

/** ONNX writes its own domain as '' or by name; we always by name. */
export const DEFAULT_DOMAIN = 'ai.onnx';

/** Operators that work on quantized numbers, of ONNX itself and of ONNX Runtime. */
const QUANTIZED_OPERATOR = /quantize|Integer|^QLinear|^QGemm$|^QAttention$|^QMoE$|NBits$/i;

/** What is counted over the main graph, its subgraphs and the local functions. */
export type Tally = {
  addNode: (domain: string, opType: string) => void;
  addInitializer: (tensor: TensorFacts) => void;
  addExternal: (external: External) => void;
  result: () => Pick<
    OnnxFacts,
    'operators' | 'nodeCount' | 'initializerCount' | 'parameters' | 'parameterBytes' | 'externalData' | 'quantized'
  >;
};

export function createTally(): Tally {
  const operators = new Map<string, { domain: string; opType: string; count: number }>();
  const externalFiles = new Map<string, { start: number; end: number }>();
  let nodeCount = 0;
  let initializerCount = 0;
  let parameters = 0;
  let parameterBytes = 0;

  function addExternal({ location, offset, length }: External): void {
    const known = externalFiles.get(location) ?? { start: Number.POSITIVE_INFINITY, end: 0 };
    // Without a length a tensor goes on to an end that only the weights file knows.
    const end = length === undefined ? Number.POSITIVE_INFINITY : (offset ?? 0) + length;
    externalFiles.set(location, { start: Math.min(known.start, offset ?? 0), end: Math.max(known.end, end) });
    if (externalFiles.size > MAX_EXTERNAL_FILES) throw tooLarge('files of external weights', MAX_EXTERNAL_FILES);
  }

  return {
    addExternal,
    addNode(domain, opType) {
      nodeCount += 1;
      if (nodeCount > MAX_NODES) throw tooLarge('nodes', MAX_NODES);
      const key = JSON.stringify([domain, opType]);
      const known = operators.get(key);
      if (known) known.count += 1;
      else operators.set(key, { domain: domain || DEFAULT_DOMAIN, opType, count: 1 });
      if (operators.size > MAX_OPERATOR_KINDS) throw tooLarge('kinds of operators', MAX_OPERATOR_KINDS);
    },
    addInitializer(tensor) {
      initializerCount += 1;
      if (initializerCount > MAX_INITIALIZERS) throw tooLarge('initializers', MAX_INITIALIZERS);
      // Bounded, because a sum of many claimed sizes may pass what a number holds exactly.
      parameters = Math.min(Number.MAX_SAFE_INTEGER, parameters + tensor.elements);
      parameterBytes = Math.min(Number.MAX_SAFE_INTEGER, parameterBytes + tensor.sizeBytes);
      if (tensor.external) addExternal(tensor.external);
    },
    result: () => ({
      operators: [...operators.values()].sort(
        (a, b) => b.count - a.count || compare(a.opType, b.opType) || compare(a.domain, b.domain),
      ),
      nodeCount,
      initializerCount,
      parameters,
      parameterBytes,
      externalData: [...externalFiles].map(([location, span]) => externalFile(location, span)),
      quantized: [...operators.values()].some(({ opType }) => QUANTIZED_OPERATOR.test(opType)),
    }),
  };
}

function externalFile(location: string, { start, end }: { start: number; end: number }): OnnxExternalFile {
  return Number.isFinite(end) ? { location, offset: start, length: end - start } : { location };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
