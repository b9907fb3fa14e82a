import { type OipTensor, tensorTypes } from '@flotilla/protocol';
import { ReasonError } from '../reason-error.ts';
import type { BenchmarkOrder, BenchmarkResult } from '../runner/contract.ts';
import { compareWithGolden, readGolden } from '../runner/golden-file.ts';
import { measureRuns } from '../runner/measure-runs.ts';
import type { ModelMetadata, OipClient } from './oip-client.ts';

export type Usage = { rssBytes: number; cpuMs: number };

/**
 * The benchmark of {@link BenchmarkOrder} on a server that is asked over OIP v2: latency is what a caller on this device sees, CPU and
 * memory are the whole container's.
 */
export async function benchmarkOip(
  client: OipClient,
  order: BenchmarkOrder,
  usage: () => Promise<Usage>,
): Promise<BenchmarkResult> {
  const golden = order.goldenPath ? await readGolden(order.goldenPath) : null;
  const compared = golden && (await compare(client, golden.cases));
  const inputs = golden ? golden.cases.map((each) => each.inputs) : [zerosFor(await client.metadata())];
  let before = await usage();
  const run = async (index: number) => (await client.infer(inputs[index % inputs.length] ?? [])).ms;
  const measured = await measureRuns(run, order, async () => {
    before = await usage();
  });
  const after = await usage();
  return {
    ...measured,
    rssBytes: after.rssBytes,
    cpuMs: Math.max(0, after.cpuMs - before.cpuMs),
    ...(compared && { golden: compared }),
  };
}

async function compare(client: OipClient, cases: { inputs: OipTensor[]; outputs: OipTensor[] }[]) {
  let maxDifference = 0;
  for (const { inputs, outputs } of cases) {
    const answer = await client.infer(inputs);
    const given = Object.fromEntries(answer.outputs.map((tensor) => [tensor.name, tensor]));
    const result = compareWithGolden(given, outputs);
    if (typeof result === 'string') return { cases: cases.length, maxDifference, mismatch: result };
    maxDifference = Math.max(maxDifference, result);
  }
  return { cases: cases.length, maxDifference };
}

/** Every open dimension as 1; servers give it as -1, in text or as a number. */
function zerosFor({ inputs }: ModelMetadata): OipTensor[] {
  return inputs.map(({ name, datatype, shape }) => {
    const type = tensorTypes.find((each) => each === datatype);
    if (!type) throw new ReasonError('release.malformed', `input "${name}" is ${datatype}: give golden inputs for it`);
    const dims = shape.map((each) => (Number(each) > 0 ? Number(each) : 1));
    const data = Array.from({ length: dims.reduce((product, each) => product * each, 1) }, () => 0);
    return { name, datatype: type, shape: dims, data };
  });
}
