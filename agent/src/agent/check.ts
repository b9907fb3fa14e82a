import { SlotName } from '@flotilla/protocol';
import { SlotState } from '../slot/state.ts';
import type { FileSystem } from '../state/file-system.ts';
import { JsonFile } from '../state/json-file.ts';
import type { Layout } from '../state/layout.ts';
import { openIdentity } from './open-identity.ts';
import { upgradeFile } from './upgrade.ts';

/**
 * Can this program take over the device whose folder this is? Reads what the agent in service has written, and loads ONNX Runtime; changes
 * nothing. Resolves with the runtime's version. @throws Error
 */
export async function checkDevice(fs: FileSystem, layout: Layout): Promise<{ deviceId: string; ortVersion: string }> {
  const opened = await openIdentity(fs, layout);
  if (!opened) throw new Error(`${layout.dir} is not enrolled`);
  await upgradeFile(fs, layout).load();
  const slots = (await fs.list(layout.slotJournals)).map((file) => file.replace(/\.json$/, ''));
  for (const slot of slots.filter((name) => SlotName.safeParse(name).success))
    await new JsonFile(fs, layout.slotJournal(slot), SlotState).load();
  // Only here does the agent's own process load it: a runner does otherwise.
  const { env } = await import('onnxruntime-node');
  return { deviceId: opened.identity.deviceId, ortVersion: env.versions.node ?? '' };
}
