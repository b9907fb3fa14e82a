import { Reason, SlotReport } from '@flotilla/protocol';
import { expect, it } from 'vitest';
import { deploymentStates } from '../rollout/states.ts';
import { deploymentStateOf, mayMove } from './from-report.ts';

const report = (phase: SlotReport['phase'], reason?: Reason) => SlotReport.parse({ phase, since: 0, reason });
const reason = (retry: Reason['retry']) => Reason.parse({ code: 'proof.golden', detail: 'other answers', retry });

it.each([
  ['idle', undefined, null],
  ['accepted', undefined, 'accepted'],
  ['proving', undefined, 'proving'],
  ['active', undefined, 'succeeded'],
  ['failed', undefined, 'failed'],
  ['failed', reason('later'), 'failed'],
  ['failed', reason('never'), 'rejected'],
  ['reverted', reason('never'), 'reverted'],
  ['superseded', undefined, 'superseded'],
] as const)('a slot that is %s (%o) says %s', (phase, why, state) => {
  expect(deploymentStateOf(report(phase, why))?.state ?? null).toBe(state);
});

it('the reason comes along', () => {
  expect(deploymentStateOf(report('failed', reason('later')))?.reason).toMatchObject({ code: 'proof.golden' });
  expect(deploymentStateOf(report('active'))?.reason).toBeNull();
});

it('what the server closed, or never sent, does not move on a device’s word', () => {
  for (const from of ['cancelled', 'superseded', 'queued'] as const)
    for (const to of deploymentStates) expect(mayMove(from, to)).toBe(false);
});

it.each([
  ['notified', 'accepted', true],
  ['timed-out', 'succeeded', true],
  ['failed', 'downloading', true],
  ['succeeded', 'reverting', true],
  ['succeeded', 'reverted', true],
  ['succeeded', 'downloading', false],
  ['succeeded', 'failed', false],
  ['proving', 'proving', false],
] as const)('%s → %s: %s', (from, to, may) => expect(mayMove(from, to)).toBe(may));
