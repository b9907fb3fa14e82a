import { Release } from '@flotilla/protocol';

/** A UUID that ends in this number. */
export const uuid = (n: number) => `0198c5a0-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

/** A small but complete release; `changes` replace whole top-level fields. */
export function makeRelease(n: number, changes: Partial<Release> = {}): Release {
  const sha256 = n.toString(16).padStart(64, '0');
  return Release.parse({
    id: uuid(n),
    model: { name: 'vibration-fault', version: `${n}.0.0`, sha256 },
    files: [{ path: 'model.onnx', sha256, sizeBytes: 10, role: 'model' }],
    runtime: { kind: 'process' },
    settings: {},
    input: { source: 'http' },
    proof: {},
    observe: { seconds: 0 },
    ...changes,
  });
}

export const makeSlot = (n: number, deployment = n) => ({
  deployment: uuid(1000 + deployment),
  release: makeRelease(n),
});
