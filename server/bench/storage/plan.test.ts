import fc from 'fast-check';
import { expect, it } from 'vitest';
import { planOf } from './plan.ts';

const count = (spans: { from: number; to: number }[]) => spans.reduce((sum, { from, to }) => sum + (to - from), 0);

it('stores each window once, and measures as many at each end', () => {
  const rows = fc.integer({ min: 100_000, max: 200_000_000 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 100, max: 700 }), (rows, devices) => {
      const deviceIds = Array.from({ length: devices }, (_, n) => `device-${n}`);
      const measured = Math.min(1_000_000, Math.floor(rows / 5));
      const plan = planOf(
        { organizationId: 'organization', deviceIds, boot: 'boot' },
        { fromMs: 0, days: 30, rows, measured },
      );
      const { from, to, perDay } = plan.copied;
      const [, ofDays, restOfDay] = plan.first;
      expect(count([...plan.first.slice(1), ...plan.between, ...plan.last])).toBe((30 - (to - from)) * perDay);
      expect([ofDays?.from, restOfDay?.to, plan.between[0]?.from]).toEqual([0, from * perDay, to * perDay]);
      expect([plan.last[0]?.from, plan.last[1]?.to]).toEqual([plan.between[0]?.to, 30 * perDay]);
      for (const end of [plan.first, plan.last]) expect(count(end.filter((each) => each.isMeasured))).toBe(measured);
      for (const span of [...plan.first, ...plan.between, ...plan.last])
        expect(span.to).toBeGreaterThanOrEqual(span.from);
      expect(to).toBeGreaterThanOrEqual(from);
    }),
  );
});
