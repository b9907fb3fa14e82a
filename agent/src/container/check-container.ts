import type { ContainerRuntime, DeviceFacts, Release } from '@flotilla/protocol';
import { ReasonError } from '../reason-error.ts';
import { isDeviceName } from './container-spec.ts';
import { imagesOf } from './image/images.ts';

const MIB = 1024 * 1024;

/** The role of the model's own container. */
const RUNNER_ROLE = 'runner';

/** Can this device run the containers of this release? Throws the reason why not. Says nothing of other releases. */
export function checkContainer(release: Release, facts: DeviceFacts): void {
  const { runtime, input } = release;
  if (runtime.kind !== 'container') return;
  if (input.source !== 'http') {
    throw new ReasonError('release.input', `"${input.source}"; a container takes its inputs over HTTP`);
  }
  imagesOf(release);
  const companions = runtime.companions ?? [];
  const names = [RUNNER_ROLE, ...companions.map(({ name }) => name)];
  if (new Set(names).size < names.length) {
    throw new ReasonError(
      'release.malformed',
      `two containers of one release are called the same: ${names.join(', ')}`,
    );
  }
  for (const device of [runtime, ...companions].flatMap(({ devices = [] }) => devices)) {
    if (!isDeviceName(device)) throw new ReasonError('release.malformed', `"${device}" is not a device`);
  }
  if (memoryOf(runtime) > facts.memoryBytes) {
    throw new ReasonError('release.memory', `${memoryOf(runtime)} bytes; this device has ${facts.memoryBytes}`);
  }
}

/** What the containers of a release may use together, in bytes. */
export function memoryOf(runtime: ContainerRuntime): number {
  return [runtime, ...(runtime.companions ?? [])].reduce((sum, { memoryMb }) => sum + memoryMb * MIB, 0);
}
