import { describe, expect, it } from 'vitest';
import { NBSP } from '../../ui/format.ts';
import { at, testPage as page, T0, type WaveSpec } from './test-page.ts';
import { type NextStep, whatNext } from './what-next.ts';
import type { Gate } from './words.ts';

function gate(verdict: Gate['verdict'], n: number): Gate {
  const asked = {
    metric: 'accuracy',
    compare: 'absolute',
    op: '>=',
    limit: 0.9,
    minDevices: 1,
    minInferences: 200,
  } as const;
  return { ...asked, verdict, devices: 1, n };
}

/** Lines as a reader has them: minutes after the start, or the lead. */
function lines(steps: NextStep[]): string[] {
  return steps.map((step) => {
    const when = 'at' in step ? `${step.isEstimate ? '~' : ''}${(step.at - T0) / 60_000}` : step.lead;
    return `${when}: ${step.text}`.replaceAll(NBSP, ' ');
  });
}

describe('what happens next', () => {
  it('says when the bake ends, what it moves then, and what a breach does', () => {
    const baking: WaveSpec = { state: 'baking', bakingAt: at(0), members: ['succeeded'], gates: [gate('pass', 400)] };
    expect(
      lines(whatNext(page('running', [baking, { state: 'pending', members: ['queued', 'queued'] }]), at(4))),
    ).toEqual([
      '10: The bake ends. If the gate passes, Wave 2 moves 2 devices.',
      'breach: If accuracy breaks its limit, 1 device goes back to what it served before.',
    ]);
  });

  it('ends with the last wave, and passes over waves without devices', () => {
    const baking: WaveSpec = { state: 'baking', bakingAt: at(0), members: ['succeeded'], gates: [gate('pass', 400)] };
    expect(lines(whatNext(page('running', [baking, { state: 'pending', members: [] }]), at(4)))[0]).toBe(
      '10: The bake ends. If the gate passes, the rollout is finished.',
    );
  });

  it('tells when evidence will be late, and stays silent when it will be there in time', () => {
    const baking = (n: number): WaveSpec => ({
      ...{ state: 'baking', bakingAt: at(0), members: ['succeeded'] },
      gates: [gate('not-enough-evidence', n)],
    });
    expect(lines(whatNext(page('running', [baking(50)]), at(5)))[1]).toBe(
      '~20: Accuracy has its 200 labelled inferences at the pace so far. Until then the wave waits.',
    );
    expect(lines(whatNext(page('running', [baking(150)]), at(5)))[1]).toMatch(/^breach/);
    expect(lines(whatNext(page('running', [baking(0)]), at(5)))[1]).toBe(
      'until then: Accuracy has no data yet; it needs 200 labelled inferences.',
    );
  });

  it('says how long a bake without evidence goes on, as the engine has it', () => {
    const baking: WaveSpec = {
      ...{ state: 'baking', bakingAt: at(0), members: ['succeeded'] },
      gates: [gate('not-enough-evidence', 120)],
    };
    expect(lines(whatNext(page('running', [baking]), at(12)))).toEqual([
      'now: The bake is over, but accuracy waits for 80 labelled inferences more.',
      '105: If they are still missing, the rollout pauses and asks a person.',
      'breach: If accuracy breaks its limit, 1 device goes back to what it served before.',
    ]);
  });

  it('names what a gate without a verdict lacks, and does not promise what waiting cannot bring', () => {
    const lacking = (lack: NonNullable<Gate['lack']>): WaveSpec => ({
      ...{ state: 'baking', bakingAt: at(0), members: ['succeeded'] },
      gates: [
        { ...gate('not-enough-evidence', 400), metric: 'latency_p95', compare: 'vs_previous', lack, minDevices: 3 },
      ],
    });
    const during = (lack: NonNullable<Gate['lack']>) => lines(whatNext(page('running', [lacking(lack)]), at(5)))[1];
    expect(during('devices')).toBe('until then: Latency p95 against before waits for 2 devices more to be measured.');
    expect(during('spread')).toMatch(/waits for more windows/);
    expect(during('leaning')).toMatch(/leans towards a breach that is not proven/);
    const why =
      'its devices were not measured before they moved, and too few of their kind have not moved. The rollout pauses and asks a person, who can skip the wave or roll back.';
    expect(during('before')).toBe(`10: Latency p95 against before has nothing to compare with: ${why}`);
    expect(lines(whatNext(page('running', [lacking('before')]), at(12)))[0]).toBe(
      `12: Latency p95 against before has nothing to compare with: ${why}`,
    );
    expect(lines(whatNext(page('running', [lacking('spread')]), at(12)))).toEqual([
      'now: The bake is over, but latency p95 against before waits for more windows, to tell how much it varies.',
      '105: If they are still missing, the rollout pauses and asks a person.',
      expect.stringMatching(/^breach/),
    ]);
  });

  it('counts what a rolling wave still needs, and names devices out of reach apart', () => {
    const rolling: WaveSpec = {
      state: 'rolling',
      startedAt: at(0),
      members: ['succeeded', 'downloading', 'proving', '-queued'],
    };
    expect(lines(whatNext(page('running', [rolling], 'roll-back'), at(1)))).toEqual([
      'now: 2 devices more must serve it, then Wave 1 bakes for 10 min.',
      'failure: If more than 10 % of the devices that were told fail, every moved device goes back. A device that has not finished 1 h after it was told counts as failed.',
      'offline: 1 device is out of reach. It will be told on return, and does not count against the wave.',
    ]);
  });

  it('gives a wave without any reachable device its time: the first pauses, a later one is passed over', () => {
    const dark: WaveSpec = { state: 'rolling', startedAt: at(0), members: ['-queued'] };
    expect(lines(whatNext(page('running', [dark]), at(1)))[0]).toBe(
      "5: None of the wave's devices can be reached. If none is back by then, the rollout pauses and asks a person.",
    );
    const passed: WaveSpec = { state: 'passed', members: ['succeeded'] };
    expect(lines(whatNext(page('running', [passed, dark]), at(1)))[0]).toMatch(/the wave is passed over\.$/);
  });

  it('tells a person what each way out of a pause does', () => {
    const failed: WaveSpec = { state: 'failed', members: ['succeeded', 'rejected'] };
    expect(lines(whatNext(page('paused', [failed, { state: 'pending', members: ['queued'] }]), at(1)))).toEqual([
      'now: Nobody else is told to move. Devices keep what they serve.',
      'resume: Wave 1 is passed over, and Wave 2 moves 1 device.',
      'roll back: 2 devices return to what they served before.',
      'abort: It ends here; devices that moved keep the new release.',
    ]);
  });

  it('waits for the last devices when every wave is over', () => {
    const passed: WaveSpec = { state: 'passed', members: ['succeeded', 'downloading'] };
    expect(lines(whatNext(page('running', [passed]), at(1)))).toEqual([
      'now: Every wave is over. It is finished when 1 device has finished.',
    ]);
  });
});
