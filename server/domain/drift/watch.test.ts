import { addToSketch, emptySketch, sketchToWire } from '@flotilla/protocol';
import { describe, expect, it } from 'vitest';
import { addHour, emptyHour, type HourSums, hourOfWindow } from './hour-sums.ts';
import { judgeWindow, severityOf } from './judge.ts';
import { learnHour, newLearning } from './learn.ts';
import { binsOfHours, binsOfProfile, combinedBins, countsOn, type ReferenceBins } from './reference.ts';
import { countOnEdges, learnEdges } from './sketch-bins.ts';
import { addStretches, likenessOf, scoresOfCounts, stretchOf } from './stretches.ts';
import { driftsOf, HOUR_MS, isOver, newWatch, takeHour, type Watch } from './watch.ts';

const input: ReferenceBins = { kind: 'input', name: 'x', edges: [0, 1], counts: [2_500, 5_000, 2_500, 0] };
const hourOf = (counts: number[], more: Partial<HourSums> = {}): HourSums => ({
  ...emptyHour(),
  inferences: counts.reduce((sum, count) => sum + count, 0),
  features: { x: { counts, missing: 0 } },
  ...more,
});
const WELL = [75, 150, 75];
const OFF = [20, 100, 180];
function watched(hours: readonly number[][], reference = [input]): Watch {
  return hours.reduce(
    (watch, counts, at) => takeHour(watch, { atMs: at * HOUR_MS, sums: hourOf(counts) }, reference).watch,
    newWatch,
  );
}

describe('a window', () => {
  it('is judged by every measure at once', () => {
    const [judged] = judgeWindow([input], hourOf(OFF)).judged;
    expect(judged).toMatchObject({ kind: 'input', name: 'x', n: 300, m: 10_000, isOff: true, counts: [...OFF, 0] });
    expect(judged?.effect).toBeGreaterThan(0.2);
    expect(judged?.p).toBeLessThan(1e-10);
    expect(judgeWindow([input], hourOf(WELL)).judged[0]).toMatchObject({ isOff: false, psi: expect.closeTo(0, 2) });
  });

  it('that is sure but small matters to nobody', () => {
    const [judged] = judgeWindow([input], hourOf([27_000, 50_000, 23_000])).judged;
    expect(judged?.p).toBeLessThan(0.001);
    expect(judged).toMatchObject({ isOff: false });
  });

  it('needs 200 samples: hours are joined until they are there', () => {
    const few = takeHour(newWatch, { atMs: 0, sums: hourOf([30, 60, 30]) }, [input]);
    expect(few).toMatchObject({ isJudged: false, watch: { windows: [], filling: { fromMs: 0, toMs: HOUR_MS } } });
    const enough = takeHour(few.watch, { atMs: 5 * HOUR_MS, sums: hourOf([20, 40, 20]) }, [input]);
    expect(enough).toMatchObject({
      isJudged: true,
      watch: { filling: null, windows: [{ fromMs: 0, toMs: 6 * HOUR_MS }] },
    });
    expect(enough.watch.windows[0]?.features[0]?.counts).toEqual([50, 100, 50, 0]);
  });

  it('waits for each distribution that was counted, but no longer than a day', () => {
    const rare: ReferenceBins = { ...input, name: 'rare' };
    const sums = hourOf(WELL, {
      features: { x: { counts: WELL, missing: 0 }, rare: { counts: [1, 2, 1], missing: 0 } },
    });
    let step = takeHour(newWatch, { atMs: 0, sums }, [input, rare]);
    expect(step.isJudged).toBe(false);
    for (let hour = 1; hour < 24; hour += 1) step = takeHour(step.watch, { atMs: hour * HOUR_MS, sums }, [input, rare]);
    expect(step).toMatchObject({ isJudged: true, watch: { filling: null, windows: [{ features: [{ name: 'x' }] }] } });
  });

  it('says nothing of what it was not told, nor on other edges', () => {
    expect(judgeWindow([input], { ...hourOf(OFF), features: {} }).judged).toEqual([]);
    expect(countsOn(input, { ...emptyHour(), features: { x: { counts: [1, 2, 3, 4], missing: 0 } } })).toBeNull();
  });

  it('finds values that went missing', () => {
    const sums = hourOf([60, 120, 60], { features: { x: { counts: [60, 120, 60], missing: 80 } } });
    expect(judgeWindow([input], sums).judged[0]).toMatchObject({ isOff: true, counts: [60, 120, 60, 80] });
  });
});

describe('drift', () => {
  it.each<[string, number[][], number | null]>([
    ['one window off is none yet', [WELL, OFF], null],
    ['two of three are, since the first of them', [WELL, OFF, OFF], HOUR_MS],
    ['with one well between them too', [OFF, WELL, OFF], 0],
    ['not with two well between them', [OFF, WELL, WELL, OFF], null],
  ])('%s', (_, hours, since) => {
    const drifts = driftsOf(watched(hours), [input]);
    expect(drifts.map(({ sinceMs }) => sinceMs)).toEqual(since === null ? [] : [since]);
  });

  it('that was found is over when two windows in a row are well', () => {
    expect(isOver(watched([OFF, OFF, WELL]), 'input', 'x')).toBe(false);
    expect(isOver(watched([OFF, OFF, WELL, WELL]), 'input', 'x')).toBe(true);
    expect(isOver(newWatch, 'input', 'x')).toBe(false);
  });

  it('of answers and of confidence is seen as that of inputs is, a class that was never there included', () => {
    const reference = binsOfProfile({
      v: 1,
      samples: 1_000,
      features: [],
      outputs: { classCounts: [500, 500], confidence: [...new Array(19).fill(0), 1_000] },
    });
    const sums = {
      ...hourOf([]),
      inferences: 300,
      classCounts: [100, 100, 100],
      confidence: [300, ...new Array(19).fill(0)],
    };
    expect(judgeWindow(reference, sums).judged.map(({ kind, isOff, counts }) => [kind, isOff, counts.at(-1)])).toEqual([
      ['answer', true, 100],
      ['confidence', true, 0],
    ]);
  });

  it.each([
    [0.1, 'slight'],
    [0.2, 'moderate'],
    [0.31, 'strong'],
  ])('of %d is %s', (effect, severity) => expect(severityOf(effect)).toBe(severity));
});

describe('a learned reference', () => {
  const sketched = (values: readonly number[]) => {
    const [positive, negative] = [emptySketch(), emptySketch()];
    for (const value of values) addToSketch(value < 0 ? negative : positive, Math.abs(value));
    return { positive: sketchToWire(positive), negative: sketchToWire(negative) };
  };
  const values = Array.from({ length: 2_000 }, (_, at) => (at - 1_000) / 100);

  it('has about a tenth in each bin, on both sides of zero, at the ends of buckets', () => {
    const edges = learnEdges(sketched(values));
    expect(edges).toHaveLength(9);
    expect(edges).toEqual(edges.toSorted((a, b) => a - b));
    expect(edges[4]).toBeCloseTo(0, 6);
    for (const count of countOnEdges(sketched(values), edges)) expect(count).toBeGreaterThan(150);
  });

  it('counts later values on its edges exactly as their raw values fall', () => {
    const edges = learnEdges(sketched(values));
    const later = values.map((value) => value * 1.7 + 0.3);
    const exact = new Array(edges.length + 1).fill(0);
    for (const value of later) exact[edges.filter((edge) => edge <= value).length] += 1;
    expect(countOnEdges(sketched(later), edges)).toEqual(exact);
  });

  it('of a value that never changes sees it change to either side', () => {
    const edges = learnEdges(sketched(new Array(100).fill(5)));
    expect(countOnEdges(sketched(new Array(10).fill(5)), edges)).toEqual([0, 10, 0]);
    expect(countOnEdges(sketched([4, 6]), edges)).toEqual([1, 0, 1]);
    expect(countOnEdges(sketched([-1, 0, 1]), learnEdges(sketched([0, 0])))).toEqual([1, 1, 1]);
  });

  it('takes whole days of good hours, and no bad ones', () => {
    const features = { x: { ...sketched(values.slice(0, 100)), missing: 0 } };
    const sums = { ...emptyHour(), inferences: 100, features };
    let step: ReturnType<typeof learnHour> = { learning: newLearning(), learned: null };
    for (let hour = 0; hour < 19; hour += 1) step = learnHour(step.learning, { atMs: hour * HOUR_MS, sums }, 20);
    step = learnHour(step.learning, { atMs: 19 * HOUR_MS, sums: { ...sums, errors: 10 } }, 20);
    expect(step).toMatchObject({ learned: null, learning: { hours: 19, fromMs: 0 } });
    step = learnHour(step.learning, { atMs: 20 * HOUR_MS, sums }, 20);
    expect(step.learned).toMatchObject([{ kind: 'input', name: 'x' }]);
    expect(step.learned?.[0]?.counts.reduce((sum, count) => sum + count, 0)).toBe(2_000);
  });

  it('fills in for what the registered one says nothing of', () => {
    const learned = binsOfHours({
      ...hourOf([]),
      classCounts: [5, 5],
      features: { y: { missing: 0, positive: sketched([1, 2]).positive } },
    });
    expect(combinedBins([input], learned).map(({ bins, isLearned }) => [bins.name, isLearned])).toEqual([
      ['x', false],
      ['answer', true],
    ]);
  });
});

it('hours add up in any order, and counts on other edges are never mixed in', () => {
  const sums = hourOf([1, 2, 3]);
  addHour(sums, hourOf([10, 20, 30]));
  addHour(sums, { ...hourOf([1, 1]), classCounts: [1] });
  addHour(sums, { ...emptyHour(), classCounts: [1, 0, 2] });
  expect(sums).toMatchObject({ inferences: 68, features: { x: { counts: [11, 22, 33] } }, classCounts: [2, 0, 2] });
});

describe('samples that are like each other', () => {
  const stretches = (at: number, counts: number[]) => stretchOf(at * 300_000, scoresOfCounts(counts));
  const all = (each: number[][]) => each.map((counts, at) => stretches(at, counts)).reduce(addStretches);

  it('count as one each when whole stretches are alike', () => {
    const alike = [
      [100, 0],
      [0, 100],
      [100, 0],
      [0, 100],
      [100, 0],
      [0, 100],
    ];
    expect(likenessOf(all(alike), scoresOfCounts([300, 300]))).toBeCloseTo(120, 9);
  });

  it('count in full when each stretch is like the whole, or too few stretches are there', () => {
    expect(likenessOf(all(new Array(12).fill([50, 50])), scoresOfCounts([600, 600]))).toBe(1);
    expect(
      likenessOf(
        all([
          [100, 0],
          [0, 100],
        ]),
        scoresOfCounts([100, 100]),
      ),
    ).toBe(1);
    expect(likenessOf(undefined, scoresOfCounts([5, 5]))).toBe(1);
  });

  it('count by what moves slowly, though it spreads over many bins', () => {
    const low = [10, 10, 10, 10, 0, 0, 0, 0];
    const slow = Array.from({ length: 12 }, (_, at) => (at % 2 === 0 ? low : low.toReversed()));
    const scores = scoresOfCounts(new Array(8).fill(60));
    const chiSquared = 480 / (7 * 11);
    expect(likenessOf(all(slow), scores)).toBeCloseTo(330 / (11 * 1.3125), 9);
    expect(likenessOf(all(slow), scores)).toBeGreaterThan(3 * chiSquared);
  });

  it('count for a feature in sketches as they do on edges, for the hour and for what is learned of it', () => {
    const windows = Array.from({ length: 12 }, (_, at) => {
      const sketch = emptySketch();
      for (let n = 0; n < 100; n += 1) addToSketch(sketch, n % 10 < 8 ? 3 : 4);
      const side = Math.floor(at / 2) % 2 === 0 ? 'positive' : 'negative';
      return { startMs: at * 150_000, inferences: 100, errors: 0, inputs: { x: { [side]: sketchToWire(sketch) } } };
    });
    const sums = emptyHour();
    for (const window of windows) addHour(sums, hourOfWindow(window) ?? emptyHour());
    const [learned] = binsOfHours(sums);
    expect(learned?.likeness).toBeGreaterThan(200);
    expect(learned?.likeness).toBeLessThan(240);
    const mixed: ReferenceBins = { ...input, edges: learned?.edges ?? [], counts: learned?.counts ?? [] };
    expect(judgeWindow([mixed], sums)).toEqual({ judged: [], isWhole: false });
    for (let hour = 1; hour < 40; hour += 1)
      for (const window of windows)
        addHour(sums, hourOfWindow({ ...window, startMs: window.startMs + hour * HOUR_MS }) ?? emptyHour());
    const [judged] = judgeWindow([mixed], sums).judged;
    expect(Math.abs((judged?.likeness ?? 0) / 197.7 - 1)).toBeLessThan(0.02);
  });

  it('are told the same whether windows come one by one or together', () => {
    const parts = [
      [10, 5],
      [4, 9],
      [7, 7],
      [1, 2],
    ].map((counts, at) => stretchOf(at * 150_000, scoresOfCounts(counts)));
    const [a, b, c, d] = parts as [(typeof parts)[0], (typeof parts)[0], (typeof parts)[0], (typeof parts)[0]];
    expect(addStretches(addStretches(a, b), addStretches(c, d))).toEqual(
      addStretches(addStretches(addStretches(a, b), c), d),
    );
  });
});
