import { ReleaseRuntime, ReleaseSettings } from '@flotilla/protocol';
import { expect, it } from 'vitest';
import { incompatibilityOf } from './compatibility.ts';

const image = `registry.example/app@sha256:${'ab'.repeat(32)}`;
const runtimes = {
  process: ReleaseRuntime.parse({ kind: 'process' }),
  container: ReleaseRuntime.parse({ kind: 'container', image, memoryMb: 64, cpus: 1 }),
};
const model = { name: 'm', version: '1', sha256: '0'.repeat(64), opset: 24 };

it.each([
  ['an opset that the agent has', 'process', { maxOpset: 24, runtimes: ['process'] }, undefined],
  ['one that is newer', 'process', { maxOpset: 23, runtimes: ['process'] }, 'release.opset'],
  ['one that is newer, for an image of its own', 'container', { maxOpset: 23, runtimes: ['container'] }, undefined],
  ['an image without an engine', 'container', { maxOpset: 24, runtimes: ['process'] }, 'release.runtime'],
  ['a provider that the runtime lacks', 'process', { executionProviders: ['cpu'] }, 'release.runtime', 'cuda'],
  ['a provider that the device chooses', 'process', { executionProviders: ['cpu'] }, undefined],
  ['a provider that an image brings itself', 'container', { executionProviders: ['cpu'] }, undefined, 'cuda'],
  ['more memory than there is', 'container', { memoryBytes: 32 * 2 ** 20 }, 'release.memory'],
  ['facts that were never reported', 'container', {}, undefined],
] as [string, keyof typeof runtimes, object, string?, string?][])('%s', (_, kind, facts, code, executionProvider) => {
  const found = incompatibilityOf(facts as Parameters<typeof incompatibilityOf>[0], {
    ...{ model, runtime: runtimes[kind] },
    settings: ReleaseSettings.parse({ executionProvider }),
  });
  expect(found?.code).toBe(code);
});
