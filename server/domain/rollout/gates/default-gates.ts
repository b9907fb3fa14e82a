import * as z from 'zod';
import { Gate } from './gate.ts';

/**
 * Right for most: no more than a fifth slower or hungrier than before, no more errors than before and at most 1 %, no more than two points
 * of accuracy lost. A proven breach rolls back. Accuracy and energy are not measured everywhere, so their lack does not stop a wave.
 */
export const defaultGates: Gate[] = z.array(Gate).parse([
  { metric: 'latency_p95', compare: 'vs_previous', limit: 1.2 },
  { metric: 'error_rate', compare: 'vs_previous', limit: 1 },
  { metric: 'error_rate', compare: 'absolute', limit: 0.01 },
  { metric: 'accuracy', compare: 'vs_previous', limit: -0.02, onNoData: 'pass' },
  { metric: 'energy_mj', compare: 'vs_previous', limit: 1.2, onNoData: 'pass' },
]);
