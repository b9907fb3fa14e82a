import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ReleaseSettings } from '@flotilla/protocol';
import * as z from 'zod';
import type { LoadOrder } from './contract.ts';

/** What the agent gives every container that it starts; our image is the one that reads it. */
const Environment = z.object({
  FLOTILLA_MODEL_NAME: z.string().min(1),
  FLOTILLA_MODEL_VERSION: z.string().default('1'),
  FLOTILLA_SETTINGS: z.string().default('{}'),
  FLOTILLA_PORT: z.coerce.number().int().min(1).max(65_535).default(8000),
  FLOTILLA_MODELS: z.string().default('/models'),
});

/** What our image loads: the model in the repository that is mounted, in Triton's layout. */
export async function containerOrder(environment: Record<string, string | undefined>): Promise<LoadOrder> {
  const env = Environment.parse(environment);
  const folder = join(env.FLOTILLA_MODELS, env.FLOTILLA_MODEL_NAME);
  const labelsPath = join(folder, 'labels.json');
  const hasLabels = await access(labelsPath).then(
    () => true,
    () => false,
  );
  return {
    modelName: env.FLOTILLA_MODEL_NAME,
    modelVersion: env.FLOTILLA_MODEL_VERSION,
    modelPath: join(folder, '1', 'model.onnx'),
    settings: ReleaseSettings.parse(JSON.parse(env.FLOTILLA_SETTINGS)),
    input: { source: 'http' },
    seed: 0,
    socketPath: '',
    port: env.FLOTILLA_PORT,
    ...(hasLabels && { labelsPath }),
  };
}
