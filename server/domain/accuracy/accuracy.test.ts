import { describe, expect, it } from 'vitest';
import { applyCurves, calibrate, calibrationError, type ProbabilityRow } from './calibration.ts';
import { classificationReport, detectionReport } from './classification.ts';
import { estimateReport } from './estimate.ts';
import { weightedShare, wilson } from './interval.ts';
import { curveAt, isotonic } from './isotonic.ts';
import { parseProbabilityRows } from './probability-rows.ts';
import { regressionReport } from './regression.ts';

describe('a confusion matrix', () => {
  it('gives accuracy, precision, recall, F1 and what a constant answer would have', () => {
    // 50 cats of which 40 are found, 30 dogs of which 15 are; rows are what is, columns what was answered.
    const report = classificationReport(3, [40, 10, 0, 15, 15, 0, 0, 0, 0]);
    expect(report).toMatchObject({ n: 80, correct: 55, accuracy: 55 / 80, baseline: { index: 0, accuracy: 50 / 80 } });
    expect(report?.perClass).toEqual([
      { index: 0, actual: 50, predicted: 55, precision: 40 / 55, recall: 0.8, f1: 80 / 105 },
      { index: 1, actual: 30, predicted: 25, precision: 15 / 25, recall: 0.5, f1: 30 / 55 },
      { index: 2, actual: 0, predicted: 0, precision: null, recall: null, f1: null },
    ]);
    expect(report?.macroF1).toBeCloseTo((80 / 105 + 30 / 55) / 2, 12);
    expect(report?.weightedF1).toBeCloseTo((50 * (80 / 105) + 30 * (30 / 55)) / 80, 12);
    expect(classificationReport(2, [0, 0, 0, 0])).toBeNull();
  });
});

it('errors of numbers: MAE, RMSE and bias', () => {
  // Off by +3 and −1.
  expect(regressionReport({ n: 2, absErrorSum: 4, sqErrorSum: 10, errorSum: 2 })).toEqual({
    n: 2,
    mae: 2,
    rmse: Math.sqrt(5),
    bias: 1,
  });
  expect(regressionReport({ n: 0, absErrorSum: 0, sqErrorSum: 0, errorSum: 0 })).toBeNull();
});

it('objects: found, wrongly found and missed', () => {
  const report = detectionReport({ truePositives: [8, 2], falsePositives: [2, 0], falseNegatives: [0, 8] });
  expect(report).toMatchObject({ precision: 10 / 12, recall: 10 / 18, f1: 20 / 30 });
  expect(report.perClass[1]).toMatchObject({ precision: 1, recall: 0.2 });
});

describe('an interval', () => {
  it('is Wilson’s', () => {
    expect(wilson(0.8, 10)).toEqual({ low: expect.closeTo(0.4902, 4), high: expect.closeTo(0.9433, 4) });
    expect(wilson(1, 10)?.high).toBeCloseTo(1, 12);
    expect(wilson(0, 0)).toBeNull();
  });

  it('of labels that were asked for unsure answers first speaks of all answers', () => {
    // 2 % of the answers are unsure, but half the labels are of them.
    const weighted = weightedShare([
      { n: 100, correct: 50, weight: 0.02 },
      { n: 100, correct: 99, weight: 0.98 },
    ]);
    expect(weighted?.share).toBeCloseTo(0.02 * 0.5 + 0.98 * 0.99, 12);
    expect(weighted?.effectiveN).toBeLessThan(200);
    const alone = (weight: number) =>
      weightedShare([
        { n: 50, correct: 40, weight },
        { n: 0, correct: 0, weight: 1 - weight },
      ]);
    expect(alone(0.96)).toEqual({ share: 0.8, effectiveN: 50 });
    expect(alone(0.1)).toBeNull();
    expect(weightedShare([])).toBeNull();
  });
});

describe('isotonic regression', () => {
  it('pools neighbours that fall', () => {
    const points = [1, 3, 2, 4].map((y, at) => ({ x: at + 1, y }));
    expect(isotonic(points, 64)).toEqual({ x: [1, 2.5, 4], y: [1, 2.5, 4] });
    expect(isotonic([...points].reverse(), 64).y).toEqual([1, 2.5, 4]);
  });

  it('has one point where many share an x', () => {
    const same = [0.05, 0.95].flatMap((x) => Array.from({ length: 320 }, (_, at) => ({ x, y: at % 3 === 0 ? 1 : 0 })));
    const { x, y } = isotonic(same, 64);
    expect(x.length).toBeLessThanOrEqual(2);
    expect(x.every((value, at) => at === 0 || value > (x[at - 1] ?? value))).toBe(true);
    expect(y.at(-1)).toBeCloseTo(107 / 320, 9);
  });

  it('never falls, keeps to the points it may have, and is flat beyond them', () => {
    const curve = isotonic(
      Array.from({ length: 500 }, (_, at) => ({ x: at / 500, y: (at * 7919) % 500 < at ? 1 : 0 })),
      16,
    );
    expect(curve.x.length).toBeLessThanOrEqual(16);
    expect(curve.y).toEqual(curve.y.toSorted((a, b) => a - b));
    expect([curveAt(curve, -1), curveAt(curve, 2)]).toEqual([curve.y[0], curve.y.at(-1)]);
    expect(curveAt({ x: [0, 1], y: [0, 0.5] }, 0.5)).toBe(0.25);
  });
});

describe('calibration', () => {
  const rows = (n: number, truthOf: (p: number) => number): ProbabilityRow[] =>
    Array.from({ length: n }, (_, at) => {
      const p = 0.5 + (((at * 7919) % 1000) / 1000) * 0.5;
      return { probabilities: [p, 1 - p], label: ((at * 104_729) % 997) / 997 < truthOf(p) ? 0 : 1 };
    });

  it('is made when a model is too sure of itself, and lowers the error on rows it did not see', () => {
    const { calibration, rawError, calibratedError } = calibrate(
      rows(2_000, (p) => 0.5 + (p - 0.5) * 0.4),
      2,
    );
    expect(rawError).toBeGreaterThan(0.1);
    expect(calibratedError).toBeLessThan(rawError / 2);
    expect(calibration?.curves).toHaveLength(2);
    expect(applyCurves(calibration?.curves ?? [], [0.95, 0.05])[0]).toBeCloseTo(0.68, 1);
  });

  it('is not made when it would not help, nor of a few rows', () => {
    const exact = Array.from({ length: 1_000 }, (_, at) => ({ probabilities: [1, 0], label: at % 1 }));
    expect(calibrate(exact, 2).calibration).toBeNull();
    expect(
      calibrate(
        rows(150, (p) => 0.5 + (p - 0.5) * 0.2),
        2,
      ).calibration,
    ).toBeNull();
  });

  it('error is the mean gap between what is said and what is', () => {
    const said = Array.from({ length: 100 }, () => [0.9, 0.1]);
    const labels = said.map((_, at) => (at % 10 < 7 ? 0 : 1));
    expect(calibrationError(said, labels)).toBeCloseTo(0.2, 12);
  });
});

it('accuracy without labels is the mean of what the answers’ probabilities promise, with three standard errors', () => {
  // Two answers of class 0 with 0.9 and 0.7 beside class 1.
  const estimated = {
    n: 2,
    truePositives: [1.6, 0],
    falsePositives: [0.4, 0],
    falseNegatives: [0, 0.4],
    variance: 0.3,
  };
  const half = (3 * Math.sqrt(0.3)) / 2;
  expect(estimateReport(estimated)).toMatchObject({ n: 2, accuracy: 0.8, low: Math.max(0, 0.8 - half), high: 1 });
  expect(estimateReport(estimated)?.perClass[0]).toMatchObject({ precision: 0.8, recall: 1 });
});

describe('a file of probabilities', () => {
  it('is JSON lines or CSV', () => {
    const json = '{"probabilities":[0.25,0.75],"label":1}\n{"probabilities":[1,0],"label":0}\n';
    const csv = 'ok,crack,label\n0.25,0.75,1\n1,0,0\n';
    expect(parseProbabilityRows('p.csv', csv)).toEqual(parseProbabilityRows('p.jsonl', json));
  });

  it.each([
    ['a,b,label\n', 'no rows'],
    ['a,b,label\n0.5,1.5,0\n', 'line 2'],
    ['a,b,label\n0.5,0.5,2\n', 'line 2'],
    ['a,b,label\n0.5,0.5,0\n0.2,0\n', 'line 3'],
    ['{"probabilities":[1],"label":0}\n', '1 classes'],
    ['{"probabilities":[0.5,0.5],"label":"cat"}\n', 'line 1'],
  ])('that is wrong is refused, naming the line: %j', (text, why) => {
    expect(() => parseProbabilityRows('p', text)).toThrow(
      expect.objectContaining({ userMessage: expect.stringContaining(why) }),
    );
  });
});
