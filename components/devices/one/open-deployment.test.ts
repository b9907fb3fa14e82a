import { expect, it } from 'vitest';
import type { DeploymentView } from '@/server/queries/device-page.ts';
import { openDeployment } from './open-deployment.ts';

/** Newest first, as the page has them; `shown` is the one of the table of devices. */
function found(list: [slot: string, state: DeploymentView['state']][], shown = 0): string | undefined {
  const deployments = list.map(([slot, state], at) => ({ id: String(at), slot, state }) as DeploymentView);
  const deployment = { id: String(shown) } as never;
  return openDeployment({ deployments, device: { deployment } })?.id;
}

it.each([
  ['the one on its way', [['default', 'proving']], '0'],
  ['none when all is well', [['default', 'succeeded']], undefined],
  [
    'that of another slot, when the newest succeeded',
    [
      ['default', 'succeeded'],
      ['vision', 'queued'],
    ],
    '1',
  ],
  [
    'none of a slot that has done better since',
    [
      ['default', 'succeeded'],
      ['default', 'rejected'],
    ],
    undefined,
  ],
  [
    'what stands when the newest was called back',
    [
      ['default', 'cancelled'],
      ['default', 'failed'],
    ],
    '1',
  ],
  ['none without any', [], undefined],
] as const)('%s', (_, list, id) => expect(found(list.map((each) => [...each]))).toBe(id));

it('the one that the table shows, when two slots wait', () => {
  const list: Parameters<typeof found>[0] = [
    ['vision', 'queued'],
    ['default', 'rejected'],
  ];
  expect(found(list, 1)).toBe('1');
  expect(found(list, 0)).toBe('0');
});
