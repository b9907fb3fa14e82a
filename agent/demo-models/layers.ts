/**
 * One step of a network. `forward` and `backward` work on one sample and return a buffer that the next call reuses.
 * `backward` takes the loss gradient of the last forward's output, adds to `gradients` and returns the input's gradient.
 */
export type Layer = {
  parameters: Float32Array[];
  gradients: Float32Array[];
  forward: (input: Float32Array) => Float32Array;
  backward: (gradient: Float32Array) => Float32Array;
};

/** y = W x + b with W as [outputs][inputs], He-initialised. */
export function createDense(inputs: number, outputs: number, random: () => number): Layer {
  const weights = initial(outputs * inputs, inputs, random);
  const biases = new Float32Array(outputs);
  const gradients = [new Float32Array(weights.length), new Float32Array(outputs)] as const;
  const output = new Float32Array(outputs);
  const back = new Float32Array(inputs);
  let seen = new Float32Array(inputs);
  return {
    parameters: [weights, biases],
    gradients: [...gradients],
    forward(input) {
      seen = Float32Array.from(input);
      multiply(weights, input, output, { rows: outputs, inner: inputs, columns: 1 }, biases);
      return output;
    },
    backward(gradient) {
      back.fill(0);
      for (let row = 0; row < outputs; row += 1) {
        const slope = at(gradient, row);
        gradients[1][row] = at(gradients[1], row) + slope;
        addScaled(gradients[0], row * inputs, seen, 0, slope, inputs);
        addScaled(back, 0, weights, row * inputs, slope, inputs);
      }
      return back;
    },
  };
}

/** Rectifier: max(0, x). */
export function createRelu(size: number): Layer {
  const output = new Float32Array(size);
  const back = new Float32Array(size);
  return {
    parameters: [],
    gradients: [],
    forward(input) {
      for (let index = 0; index < size; index += 1) output[index] = Math.max(0, at(input, index));
      return output;
    },
    backward(gradient) {
      for (let index = 0; index < size; index += 1) back[index] = at(output, index) > 0 ? at(gradient, index) : 0;
      return back;
    },
  };
}

/** He initialisation: uniform with variance 2 / inputs, which keeps a rectified signal's size through the layers. */
export function initial(size: number, inputs: number, random: () => number): Float32Array {
  const limit = Math.sqrt(6 / inputs);
  return Float32Array.from({ length: size }, () => (2 * random() - 1) * limit);
}

/** The value at an index that the caller's loop keeps inside the array. */
export function at(values: Float32Array, index: number): number {
  return values[index] as number;
}

/** target[i] += factor * source[i] over `count` values from the given starts. */
export function addScaled(
  target: Float32Array,
  targetStart: number,
  source: Float32Array,
  sourceStart: number,
  factor: number,
  count: number,
): void {
  if (factor === 0) return;
  for (let index = 0; index < count; index += 1) {
    target[targetStart + index] = at(target, targetStart + index) + factor * at(source, sourceStart + index);
  }
}

/** output[rows][columns] = left[rows][inner] · right[inner][columns] + bias[rows]. */
export function multiply(
  left: Float32Array,
  right: Float32Array,
  output: Float32Array,
  { rows, inner, columns }: { rows: number; inner: number; columns: number },
  biases: Float32Array,
): void {
  for (let row = 0; row < rows; row += 1) {
    const start = row * columns;
    if (columns === 1) {
      let sum = at(biases, row);
      for (let k = 0; k < inner; k += 1) sum += at(left, row * inner + k) * at(right, k);
      output[row] = sum;
      continue;
    }
    output.fill(at(biases, row), start, start + columns);
    for (let k = 0; k < inner; k += 1) addScaled(output, start, right, k * columns, at(left, row * inner + k), columns);
  }
}
