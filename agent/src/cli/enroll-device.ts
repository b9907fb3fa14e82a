import { openMachine } from '../agent/machine.ts';
import { acceptedFile, openIdentity } from '../agent/open-identity.ts';
import type { AgentOptions } from '../agent/options.ts';
import { enroll } from '../identity/enroll.ts';
import type { EnrollArguments } from './arguments.ts';

/** Enrolls this device unless it is enrolled; resolves with its id. */
export async function enrollDevice(
  options: AgentOptions,
  order: EnrollArguments | null,
  signal: AbortSignal,
): Promise<string> {
  const { fs, layout, logger } = options;
  await fs.makeDir(layout.dir);
  const opened = await openIdentity(fs, layout);
  if (opened) return opened.identity.deviceId;
  if (!order) throw new Error(`${layout.dir} is not enrolled: give --server and --token`);
  const { facts } = await openMachine(options);
  const identity = await enroll(options, { ...order, serverUrl: order.server, facts: facts(), signal }, (trustedKeys) =>
    acceptedFile(fs, layout).save({ generation: 0, trustedKeys, document: null }),
  );
  logger.log('info', 'enrolled', { deviceId: identity.deviceId });
  return identity.deviceId;
}
