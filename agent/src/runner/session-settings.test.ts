import { ReleaseSettings } from '@flotilla/protocol';
import { expect, test } from 'vitest';
import { deviceClassOf, sessionOptions, sessionSettings, type UsableMachine } from './session-settings.ts';

const machine = (processors: number, fastCores = processors): UsableMachine => ({ processors, fastCores });
const chosen = (of: UsableMachine, wanted = {}) => sessionSettings(of, ReleaseSettings.parse(wanted));

test.each([
  ['a board with one core', machine(1), 'single', 1],
  ['a container with half a core of many', machine(0.5, 16), 'single', 1],
  ['a container with one core and a half', machine(1.5, 4), 'single', 1],
  ['a gateway with two cores', machine(2), 'pair', 1],
  ['two cores with two threads each', machine(4, 2), 'pair', 1],
  ['a Raspberry Pi 5, a Jetson Nano', machine(4), 'board', 3],
  ['four fast cores and four slow ones', machine(8, 4), 'board', 3],
  ['a container with three cores of many', machine(3, 32), 'board', 2],
  ['a Jetson Orin', machine(6), 'host', 3],
  ['a PC', machine(16, 8), 'host', 4],
  ['a server', machine(64, 32), 'host', 8],
] as const)('%s', (_, of, deviceClass, threads) => {
  expect(deviceClassOf(of)).toBe(deviceClass);
  expect(chosen(of)).toEqual({ threads, arena: false, spinning: false, executionProvider: 'cpu' });
});

test('what a release names is taken, each by itself, also against the machine', () => {
  expect(chosen(machine(1), { threads: 4 })).toMatchObject({ threads: 4, arena: false });
  expect(chosen(machine(4), { arena: true, spinning: true })).toMatchObject({
    threads: 3,
    arena: true,
    spinning: true,
  });
  expect(chosen(machine(4), { executionProvider: 'cuda' }).executionProvider).toBe('cuda');
});

test('nothing is left to what ONNX Runtime would choose for a machine of its own', () => {
  expect(sessionOptions(chosen(machine(4)))).toEqual({
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    intraOpNumThreads: 3,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    enableCpuMemArena: false,
    enableMemPattern: true,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
});
