import type { ModelPage } from '@/server/queries/model-pages.ts';
import { plural } from '../../ui/format.ts';

/** How much of the fleet serves the model, and in how many versions. */
export function modelSentence({ versions }: ModelPage): string {
  const serving = versions.filter(({ servingDevices }) => servingDevices > 0);
  const devices = serving.reduce((sum, { servingDevices }) => sum + servingDevices, 0);
  if (devices === 0) return 'on no device';
  return `on ${plural(devices, 'device')}, in ${plural(serving.length, 'version')}`;
}
