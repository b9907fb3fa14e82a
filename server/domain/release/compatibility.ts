import type { Release } from '@flotilla/protocol';
import type { KnownFacts } from '../device/facts.ts';

export type Incompatibility = { code: 'release.opset' | 'release.runtime'; detail: string };

/** Can this device run this release? What a container's image supports is the image's affair. Null when it can, else the first reason that it cannot. Facts that a device never reported forbid nothing. */
export function incompatibilityOf(
  facts: KnownFacts,
  release: Pick<Release, 'model' | 'runtime'>,
): Incompatibility | null {
  const { maxOpset, runtimes } = facts;
  const { opset } = release.model;
  const isProcess = release.runtime.kind === 'process';
  if (isProcess && maxOpset !== undefined && opset !== undefined && opset > maxOpset) {
    return {
      code: 'release.opset',
      detail: `The model needs opset ${opset}; the runtime on this device supports up to ${maxOpset}.`,
    };
  }
  if (runtimes && !runtimes.includes(release.runtime.kind)) {
    return {
      code: 'release.runtime',
      detail: `The release needs the runtime "${release.runtime.kind}"; this device has ${runtimes.join(', ')}.`,
    };
  }
  return null;
}
