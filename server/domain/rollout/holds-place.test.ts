import { describe, expect, it } from 'vitest';
import { ago, member, NOW, rollout, wave } from '../../testing/rollout-view.ts';
import { admit } from './admit.ts';
import { holdsPlace } from './deadlines.ts';

const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000);
const planOf = (more: object) => rollout([wave(0, 'rolling', [])], { plan: { timeoutS: 600, ...more } }).plan;

describe('the place of a device that failed', () => {
  const failed = (more: object = {}) => member('a', 'failed', more);

  it.each([
    ['is kept while it may try again by itself', failed(), true],
    ['is kept when it tries again within its time', failed({ triesAgainAt: later(500) }), true],
    ['is free when it tries again only after its time', failed({ triesAgainAt: later(541) }), false],
    ['is free when its time is over', failed({ notifiedAt: ago(601) }), false],
    ['was never taken when it was not told', failed({ notifiedAt: null }), false],
    ['is free when it will not try again', member('a', 'rejected'), false],
    ['is kept on its way', member('a', 'proving'), true],
  ])('%s', (_, device, holds) => expect(holdsPlace(device, planOf({}), NOW)).toBe(holds));

  it.each([
    ['its group', { budget: { groupBy: ['site'], maxUnavailable: 1 } }, 'budget.group'],
    ['the rollout', { concurrency: 1 }, 'rate.concurrency'],
  ])('is not given to another device of %s', (_, limits, code) => {
    const all = [failed(), member('b')];
    const { told, held } = admit(planOf(limits), all, all, NOW);
    expect([told, held.get('b')?.code]).toEqual([[], code]);
  });

  it('is its own when it is told again', () => {
    const all = [failed({ stateSince: ago(590), notifiedAt: ago(595) })];
    const limits = { concurrency: 1, budget: { groupBy: ['site'], maxUnavailable: 1 }, retries: { count: 1 } };
    expect(admit(planOf(limits), all, all, NOW).told).toEqual(['a']);
  });
});
