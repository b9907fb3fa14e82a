import type { ModelListRow } from '@/server/db/model-list.ts';
import { formatCount, plural } from '../../ui/format.ts';

/** The registry's answer: how many models there are, and how many are in service. */
export function listTitle(models: readonly Pick<ModelListRow, 'serving'>[]): string {
  if (models.length === 0) return 'No models yet';
  const inService = models.filter(({ serving }) => serving.length > 0).length;
  if (inService === 0) return `${plural(models.length, 'model')}, none in service`;
  if (inService === models.length) return `${plural(models.length, 'model')} in service`;
  return `${plural(models.length, 'model')}, ${formatCount(inService)} in service`;
}
