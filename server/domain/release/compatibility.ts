import type { ContainerRuntime, Release } from '@flotilla/protocol';
import type { KnownFacts } from '../device/facts.ts';

export type Incompatibility = { code: 'release.opset' | 'release.runtime' | 'release.memory'; detail: string };

const MIB = 1024 * 1024;

/** Can this device run this release? What a container's image supports is the image's affair. Null when it can, else the first reason that it cannot. Facts that a device never reported forbid nothing. */
export function incompatibilityOf(
  facts: Pick<KnownFacts, 'maxOpset' | 'runtimes' | 'executionProviders' | 'memoryBytes'>,
  release: Pick<Release, 'model' | 'runtime' | 'settings'>,
): Incompatibility | null {
  const { maxOpset, runtimes, executionProviders, memoryBytes } = facts;
  const { opset } = release.model;
  const { runtime, settings } = release;
  const isProcess = runtime.kind === 'process';
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
  const { executionProvider: wanted } = settings;
  if (isProcess && wanted !== undefined && executionProviders && !executionProviders.includes(wanted)) {
    const detail = `The release needs the execution provider "${wanted}"; this device has ${executionProviders.join(', ')}.`;
    return { code: 'release.runtime', detail };
  }
  const neededBytes = runtime.kind === 'container' ? memoryOf(runtime) : 0;
  if (memoryBytes !== undefined && neededBytes > memoryBytes) {
    const detail = `The release may use ${neededBytes / MIB} MiB; this device has ${Math.floor(memoryBytes / MIB)} MiB.`;
    return { code: 'release.memory', detail };
  }
  return null;
}

/** What the containers of a release may use together, in bytes. */
function memoryOf({ memoryMb, companions = [] }: ContainerRuntime): number {
  return [{ memoryMb }, ...companions].reduce((sum, each) => sum + each.memoryMb * MIB, 0);
}
