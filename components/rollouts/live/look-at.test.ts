import { describe, expect, it } from 'vitest';
import { devicesToLookAt } from './look-at.ts';
import { at, testPage } from './test-page.ts';

function looks(page: ReturnType<typeof testPage>, minute: number): string[] {
  return devicesToLookAt(page, at(minute)).map(({ member, kind }) => `${member.deviceName} ${kind} ${member.state}`);
}

describe('devices to look at', () => {
  it('puts what failed before what hangs and what is out of reach, and leaves out what is well', () => {
    const page = testPage('running', [
      { state: 'rolling', members: ['succeeded', '-downloading', 'downloading', 'rejected', 'timed-out'] },
    ]);
    expect(looks(page, 10)).toEqual([
      'press-03 trouble rejected',
      'press-04 trouble timed-out',
      'press-02 slow downloading',
      'press-01 dark downloading',
    ]);
  });

  it('does not call a device slow that has just begun', () => {
    expect(looks(testPage('running', [{ state: 'rolling', members: ['downloading'] }]), 4)).toEqual([]);
  });

  it('is silent about dark devices whose wave is not on', () => {
    const page = testPage('running', [
      { state: 'rolling', members: ['succeeded'] },
      { state: 'pending', members: ['-queued'] },
    ]);
    expect(looks(page, 10)).toEqual([]);
  });

  it('gives the reason in the sentence of the list, with what was measured, or the words that came with it', () => {
    const page = testPage('running', [{ state: 'rolling', members: ['rejected', 'timed-out'] }]);
    const reasons = [
      { reasonCode: 'proof.latency_p95', reasonDetail: '11.9 ms, limit 10.0 ms', nextTryAt: at(60).getTime() },
      { reasonCode: 'rollout.timeout', reasonDetail: 'The device did not finish within 60 s of being told.' },
    ];
    const members = page.members.map((member, i) => ({ ...member, ...reasons[i] }));
    expect(devicesToLookAt({ ...page, members }, at(1)).map(({ why, next }) => [why, next])).toEqual([
      ['The release was slower on this device than its limit. 11.9 ms, limit 10.0 ms', { at: at(60).getTime() }],
      ['The device did not finish within 60 s of being told.', 'keeps what it served'],
    ]);
  });
});
