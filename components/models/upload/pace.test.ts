import { describe, expect, it } from 'vitest';
import { addSample, paceOf, type Sent } from './pace.ts';

function sent(...bytes: number[]): Sent[] {
  return bytes.reduce<Sent[]>((samples, sent, second) => addSample(samples, { atMs: second * 1000, bytes: sent }), []);
}

describe('the pace of an upload', () => {
  it('says nothing before it knows', () => {
    expect(paceOf(sent(0), 100)).toBeNull();
    expect(paceOf(sent(50, 50), 100)).toBeNull();
  });

  it('gives speed and time left', () => expect(paceOf(sent(0, 10, 20), 100)).toEqual({ bytesPerS: 10, leftMs: 8000 }));

  it('follows the last seconds, so that a stall shows', () => {
    const stalled = sent(0, 100, 200, 300, 400, 401, 402, 403, 404, 405);
    expect(paceOf(stalled, 500)?.bytesPerS).toBe(1);
  });
});
