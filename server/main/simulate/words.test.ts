import { expect, it } from 'vitest';
import type { GateVerdict } from '../../domain/rollout/gates/verdict.ts';
import { decisionLines, endLine } from './words.ts';

const since = '2026-03-01T12:00:00.000Z';
const at = '2026-03-01T12:01:07.400Z';
const broken: GateVerdict = {
  ...{ metric: 'accuracy', compare: 'vs_previous', op: '>=', limit: -0.02, verdict: 'breach' },
  ...{ value: -0.158, devices: 1, n: 209, minDevices: 1, minInferences: 200 },
};
const proven: GateVerdict = {
  ...broken,
  metric: 'latency_p95',
  op: '<=',
  limit: 1.2,
  value: 1.01,
  verdict: 'pass',
  isProven: true,
};
const gates = [proven, { ...proven, isProven: false }, broken];
const decision = { id: '1', at, kind: 'fail-wave', message: 'Canary failed', evidence: { verdict: { gates } } };

it('a wave that failed is told with what every gate saw; what is not broken is not called proven', () => {
  expect(decisionLines(decision, since, false)).toEqual([
    '   1:07  Canary failed',
    '         holds:      latency p95 is 1.01 times what it was, limit 1.2, on 209 inferences of 1 device',
    '         not broken: latency p95 is 1.01 times what it was, limit 1.2, on 209 inferences of 1 device',
    '         broken:     accuracy changed by −15.8 points, limit −2, on 209 labelled inferences of 1 device',
  ]);
});

it('the rollout that takes another back says that it is one, and gates are told only where they were judged', () => {
  expect(decisionLines({ ...decision, kind: 'bake-wave', message: 'Back bakes' }, since, true)).toEqual([
    '   1:07  roll back: Back bakes',
  ]);
});

const rollout = {
  ...({ state: 'succeeded', stateReason: null, model: 'm', version: '2', createdAt: since, stateSince: at } as const),
  deployments: { succeeded: 7, rejected: 2, cancelled: 1 },
};

it.each([
  [
    'one that went well counts who serves, who could not, and who was not reached',
    rollout,
    null,
    'Over after 1:07: 7 of 10 devices serve m 2, 2 could not, 1 were not reached.',
  ],
  [
    'one that was taken back counts who had moved and who is back',
    { ...rollout, state: 'rolled-back', stateReason: { detail: 'Rolling back: a gate was breached in Canary' } },
    { deployments: { succeeded: 2, 'timed-out': 1 } },
    'Taken back after 1:07. Rolling back: a gate was breached in Canary. Of 10 devices 3 had been told to move, and 2 of them serve again what they served before.',
  ],
  [
    'one that is paused says that a person must decide',
    { ...rollout, state: 'paused', stateReason: { detail: 'Paused at Canary: a gate has no data to judge' } },
    null,
    'It waits for a person since 1:07. Paused at Canary: a gate has no data to judge. Decide on its page.',
  ],
] as const)('%s', (_, given, back, line) => expect(endLine(given, back)).toBe(line));
