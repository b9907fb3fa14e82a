import type { DeviceFacts } from '@flotilla/protocol';
import { expect, test } from 'vitest';
import { makeRelease } from '../testing/release.ts';
import { checkRelease } from './check-release.ts';

const facts = (runtimes: DeviceFacts['runtimes']) =>
  ({ runtimes, executionProviders: ['cpu'], maxOpset: 22 }) as DeviceFacts;
const image = `r.example/a@sha256:${'0'.repeat(64)}`;
const inContainer = makeRelease(1, { runtime: { kind: 'container', image, memoryMb: 64, cpus: 1 } });

test('a device that never had an engine cannot run a container; one whose engine is away waits for it', () => {
  const check = (isEngineKnown: boolean) => () => checkRelease(inContainer, facts(['process']), isEngineKnown);
  expect(check(false)).toThrow(expect.objectContaining({ code: 'release.runtime' }));
  expect(check(true)).toThrow(expect.objectContaining({ code: 'container.engine_away' }));
});

test.each([
  ['an opset that is too new', { model: { ...makeRelease(1).model, opset: 23 } }, 'release.opset'],
  [
    'a provider that is not there',
    { settings: { ...makeRelease(1).settings, executionProvider: 'cuda' } },
    'release.runtime',
  ],
] as const)('a process with %s is refused before a byte is fetched', (_, changes, code) => {
  const release = makeRelease(1, changes);
  expect(() => checkRelease(release, facts(['process']))).toThrow(expect.objectContaining({ code }));
});
