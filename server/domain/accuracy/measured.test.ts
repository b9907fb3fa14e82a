import { describe, expect, it } from 'vitest';
import { randomOf } from '../../bench/gates/random.ts';
import { emptyHour, type HourSums } from '../drift/hour-sums.ts';
import { type LabelCell, measuredOf } from './measured.ts';

const cell = (isUnsure: boolean, predicted: number, actual: number, n: number): LabelCell => {
  return { isUnsure, predicted, actual, n, absErrorSum: 0, sqErrorSum: 0, errorSum: 0 };
};
const hours = (more: Partial<HourSums>): HourSums => ({ ...emptyHour(), ...more });
const tenth = hours({ unsure: { n: 10_000, below: 1_000 } });

describe('accuracy of answers of which the unsure ones are kept more often', () => {
  it('speaks of all answers, class by class too', () => {
    // Of 10,000 answers 1,000 are unsure and half right; of the others 95 % are. All of the first kind are labelled, a hundredth of the second.
    const cells = [cell(true, 1, 1, 500), cell(true, 1, 0, 500), cell(false, 0, 0, 86), cell(false, 0, 1, 4)];
    const { accuracy, classification, confusion, untold } = measuredOf(tenth, cells, null);
    expect(accuracy).toMatchObject({
      share: expect.closeTo(0.1 * 0.5 + (0.9 * 86) / 90, 9),
      n: 1_090,
      isWeighted: true,
    });
    expect(untold).toBeNull();
    expect(confusion).toEqual({ classes: 2, counts: [86, 500, 4, 500] });
    expect(classification?.accuracy).toBeCloseTo(accuracy?.share ?? 0, 9);
    expect(classification?.perClass[0]?.recall).toBeCloseTo(86 / (86 + 0.1 * 0.5 * (90 / 0.9)), 9);
    expect(classification?.n).toBeCloseTo(1_090, 6);
  });

  it('is not said when only unsure answers are labelled, nor when none of them is', () => {
    const only = (isUnsure: boolean) => measuredOf(tenth, [cell(isUnsure, 1, 1, 50), cell(isUnsure, 1, 0, 50)], null);
    expect(only(true)).toMatchObject({ accuracy: null, untold: 'sure', classification: null, late: { n: 100 } });
    expect(only(false)).toMatchObject({ accuracy: null, untold: 'unsure', classification: null });
    expect(only(true).confusion).not.toBeNull();
    const none = hours({ unsure: { n: 10_000, below: 10 } });
    expect(measuredOf(none, [cell(false, 1, 1, 90), cell(false, 1, 0, 10)], null).accuracy?.share).toBeCloseTo(0.9, 9);
  });

  it('is weighed by what devices counted, and by the confidence of those that did not', () => {
    const confidence = [100, ...new Array(18).fill(0), 900];
    const cells = [cell(true, 1, 0, 10), cell(false, 1, 1, 10)];
    const share = (more: Partial<HourSums>, below: number | null) =>
      measuredOf(hours(more), cells, below).accuracy?.share;
    expect(share({ confidence }, 0.5)).toBeCloseTo(0.9, 9);
    expect(share({ confidence, unsure: { n: 1_000, below: 300 } }, 0.5)).toBeCloseTo(0.7, 9);
    expect(share({ confidence, unsure: { n: 1_000, below: 300 } }, null)).toBeCloseTo(0.7, 9);
    expect(share({ confidence }, null)).toBeUndefined();
  });

  it('without unsure ones is the plain share', () => {
    expect(measuredOf(hours({}), [cell(false, 1, 1, 3), cell(false, 0, 1, 1)], 0.5).accuracy).toMatchObject({
      share: 0.75,
      n: 4,
      isWeighted: false,
    });
  });

  it('is right on average, where the plain share of labels is far off', () => {
    const { uniform } = randomOf(5);
    let [weighed, plain] = [0, 0];
    for (let time = 0; time < 50; time += 1) {
      const cells: LabelCell[] = [];
      let below = 0;
      for (let n = 0; n < 5_000; n += 1) {
        const isUnsure = uniform() < 0.1;
        if (isUnsure) below += 1;
        const isRight = uniform() < (isUnsure ? 0.5 : 0.95);
        if (isUnsure || uniform() < 0.02) cells.push(cell(isUnsure, 1, isRight ? 1 : 0, 1));
      }
      const { accuracy, late } = measuredOf(hours({ unsure: { n: 5_000, below } }), cells, null);
      weighed += (accuracy?.share ?? 0) / 50;
      plain += late.correct / late.n / 50;
    }
    expect(Math.abs(weighed - 0.905)).toBeLessThan(0.01);
    expect(plain).toBeLessThan(0.65);
  });
});
