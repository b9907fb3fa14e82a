import {
  addToSketch,
  emptySketch,
  MAX_FEATURE_BINS,
  MAX_FEATURES,
  MAX_PREDICTIONS_PER_WINDOW,
  MAX_TELEMETRY_BYTES,
  sketchToWire,
  Telemetry,
  Window,
} from '@flotilla/protocol';
import { expect, test } from 'vitest';
import { uuid } from '../testing/release.ts';
import { batchesOf } from './message-batches.ts';

const LARGE = 4_000_000;
const sketch = emptySketch();
for (let value = 0.001; value < 60_000; value *= 1.05) addToSketch(sketch, value);
const run = sketchToWire(sketch);

/** All that 32 features on 64 bins, 64 classes and all predictions may take. */
function fullWindow(changes: Partial<Window> = {}): Window {
  const counts = Array.from({ length: MAX_FEATURE_BINS }, () => LARGE);
  const names = Array.from({ length: MAX_FEATURES }, (_, n) => `feature-with-a-long-name-${n}`);
  return Window.parse({
    ...{ slot: 'default', releaseId: uuid(1), startMs: 1, durationMs: 15_000, inferences: LARGE, errors: 0 },
    latencyMs: { run, total: run, queue: run },
    inputs: Object.fromEntries(names.map((name) => [name, { counts, missing: LARGE }])),
    predictions: Array.from({ length: MAX_PREDICTIONS_PER_WINDOW }, (_, n) => ({
      ...{ id: 'é'.repeat(120) + n, at: 1_800_000_000_000, class: 3, confidence: 0.123_456_789 },
    })),
    ...changes,
  });
}

/** As the spool sends it. */
const messageOf = (windows: Window[]) =>
  JSON.stringify({ boot: uuid(9), seq: 1e9, oldestSeq: 1e9, sentAt: 1e13, dropped: 1e9, windows });

test('a message with 32 features stays below the protocol’s bound, and nothing of it is lost', () => {
  const windows = Array.from({ length: 5 }, () => fullWindow());
  const batches = batchesOf(windows);
  expect(batches.flat()).toEqual(windows);
  for (const batch of batches) {
    const message = messageOf(batch);
    expect(Buffer.byteLength(message)).toBeLessThan(MAX_TELEMETRY_BYTES);
    Telemetry.parse(JSON.parse(message));
  }
});

test('small windows travel together, but no more than a message may hold', () => {
  const small = fullWindow({ inputs: undefined, predictions: undefined, latencyMs: { run: { ...run, buckets: [] } } });
  const sizes = batchesOf(Array.from({ length: 70 }, () => small)).map((batch) => batch.length);
  expect(sizes).toEqual([32, 32, 6]);
});

test('a window that is too long by itself loses its predictions first, and keeps what it measured', () => {
  const confusion = { classes: 64, counts: Array.from({ length: 64 * 64 }, () => LARGE) };
  const [[kept] = []] = batchesOf([fullWindow({ labelled: { n: LARGE, confusion } })]);
  expect(kept).not.toHaveProperty('predictions');
  expect(kept).toMatchObject({ inferences: LARGE, labelled: { n: LARGE } });
  expect(Buffer.byteLength(messageOf([kept as Window]))).toBeLessThan(MAX_TELEMETRY_BYTES);
});
