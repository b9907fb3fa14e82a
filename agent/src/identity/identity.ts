import { Uuid } from '@flotilla/protocol';
import * as z from 'zod';
import type { FileSystem } from '../state/file-system.ts';
import { JsonFile } from '../state/json-file.ts';
import type { Layout } from '../state/layout.ts';

/** What enrolment gave, without the keys that sign desired states: those change, and live with the desired state. */
export const Identity = z.object({
  deviceId: Uuid,
  certificate: z.string(),
  ca: z.string(),
  mqttUrl: z.url(),
  apiUrl: z.url(),
});
export type Identity = z.infer<typeof Identity>;

export function identityFile(fs: FileSystem, layout: Layout): JsonFile<Identity> {
  return new JsonFile(fs, layout.identity, Identity);
}
