import type { DeviceFacts, Release } from '@flotilla/protocol';
import { checkContainer } from '../container/check-container.ts';
import { ReasonError } from '../reason-error.ts';

/**
 * Can this device run this release at all? Throws the reason why not, before a byte is fetched. An engine that answered before
 * (`isEngineKnown`) is waited for; one that was never there makes the release none for this device.
 */
export function checkRelease(release: Release, facts: DeviceFacts, isEngineKnown = false): void {
  const { runtime, model, settings, files } = release;
  if (!facts.runtimes.includes(runtime.kind)) {
    if (isEngineKnown) throw new ReasonError('container.engine_away', 'it answered before');
    throw new ReasonError('release.runtime', `${runtime.kind}; this device runs ${facts.runtimes.join(', ')}`);
  }
  if (runtime.kind === 'process' && model.opset !== undefined && model.opset > facts.maxOpset) {
    throw new ReasonError('release.opset', `opset ${model.opset}; this device runs up to ${facts.maxOpset}`);
  }
  const { executionProvider: wanted } = settings;
  if (runtime.kind === 'process' && wanted !== undefined && !facts.executionProviders.includes(wanted)) {
    const known = facts.executionProviders.join(', ');
    throw new ReasonError('release.runtime', `execution provider ${wanted}; this device has ${known}`);
  }
  checkContainer(release, facts);
  if (files.filter((each) => each.role === 'model').length !== 1) {
    throw new ReasonError('release.malformed', 'a release has one file of the role "model"');
  }
  const paths = files.map(({ path }) => path);
  const clash = paths.find((path, at) =>
    paths.some((other, index) => index !== at && `${other}/`.startsWith(`${path}/`)),
  );
  if (clash !== undefined) throw new ReasonError('verify.path', `"${clash}" is named twice, or as a folder too`);
}
