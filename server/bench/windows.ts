import { addToSketch, emptySketch, sketchToWire, type Window } from '@flotilla/protocol';

/** What serves on every device of a bench. */
export const BENCH_RELEASE = '0197f000-0000-7000-8000-0000000000a0';

const VARIANTS = 200;
const INFERENCES = 300;

/** Windows that differ as those of real boards do: their sketches have some dozens of buckets. */
export function windowVariants(): Window[] {
  return Array.from({ length: VARIANTS }, (_, number) => variant(number));
}

function variant(number: number): Window {
  const sketch = emptySketch();
  const meanMs = 3 + (number % 17);
  for (let draw = 0; draw < INFERENCES; draw += 1) addToSketch(sketch, meanMs * (0.75 + Math.random() / 2));
  const latency = sketchToWire(sketch);
  return {
    slot: 'default',
    releaseId: BENCH_RELEASE,
    startMs: 0,
    durationMs: 15_000,
    uptimeMs: 900_000,
    inferences: INFERENCES,
    errors: 0,
    latencyMs: { run: latency, total: latency },
    energyJ: 42.5,
    powerW: 2.83,
    powerSource: 'pmic',
    cpuPct: 21.5,
    rssBytes: 91_000_000,
    tempC: 51.2,
    throttled: false,
    diskFreeBytes: 9_000_000_000,
    outputs: {
      classCounts: [200, 60, 30, 10],
      confidence: Array.from({ length: 20 }, (_, at) => at),
      meanEntropy: 0.2,
    },
    labelled: { n: 300, correct: 291 },
  };
}
