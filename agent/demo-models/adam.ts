import { at, type Layer } from './layers.ts';

const FIRST_DECAY = 0.9;
const SECOND_DECAY = 0.999;
const EPSILON = 1e-8;

/**
 * Adam (Kingma and Ba 2015). Each call takes the gradients that `batch` samples left in the layers, moves the weights
 * by about `rate` and clears the gradients.
 */
export function createAdam(layers: readonly Layer[]): (rate: number, batch: number) => void {
  const slots = layers.flatMap(({ parameters, gradients }) =>
    parameters.map((weights, index) => ({
      weights,
      gradient: gradients[index] as Float32Array,
      first: new Float32Array(weights.length),
      second: new Float32Array(weights.length),
    })),
  );
  let step = 0;
  return (rate, batch) => {
    step += 1;
    const scale = (rate * Math.sqrt(1 - SECOND_DECAY ** step)) / (1 - FIRST_DECAY ** step);
    for (const { weights, gradient, first, second } of slots) {
      for (let index = 0; index < weights.length; index += 1) {
        const slope = at(gradient, index) / batch;
        first[index] = FIRST_DECAY * at(first, index) + (1 - FIRST_DECAY) * slope;
        second[index] = SECOND_DECAY * at(second, index) + (1 - SECOND_DECAY) * slope * slope;
        weights[index] = at(weights, index) - (scale * at(first, index)) / (Math.sqrt(at(second, index)) + EPSILON);
      }
      gradient.fill(0);
    }
  };
}
