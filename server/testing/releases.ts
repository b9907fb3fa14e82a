import { Release } from '@flotilla/protocol';

const sha256 = 'ab'.repeat(32);

/** A release of two files with 300 bytes together, opset 17, run as a process. */
export function testRelease(id = '0197f000-0000-7000-8000-000000000001'): Release {
  return Release.parse({
    id,
    model: { name: 'digits', version: '1', sha256, opset: 17 },
    files: [
      { path: 'digits.onnx', role: 'model', sha256, sizeBytes: 200 },
      { path: 'labels.json', role: 'labels', sha256, sizeBytes: 100 },
    ],
    runtime: { kind: 'process' },
    settings: {},
    input: { source: 'http' },
    proof: {},
    observe: {},
  });
}
