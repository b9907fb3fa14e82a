import { addScaled, at, initial, type Layer, multiply } from './layers.ts';

/** Sizes of a one-dimensional convolution, padded on both sides by half a kernel. Kernels are odd. */
export type ConvolutionShape = {
  inChannels: number;
  length: number;
  outChannels: number;
  kernel: number;
  stride: number;
};

/** Samples that a convolution leaves of `length`. */
export function convolutionLength({ length, kernel, stride }: Pick<ConvolutionShape, 'length' | 'kernel' | 'stride'>) {
  return Math.floor((length + 2 * padding(kernel) - kernel) / stride) + 1;
}

/** Zeros put before and after the signal. */
export function padding(kernel: number): number {
  return (kernel - 1) / 2;
}

/**
 * Convolution of [inChannels][length] into [outChannels][convolutionLength], weights [outChannels][inChannels][kernel].
 * Patches are laid out as a matrix first, so that the inner loops run over consecutive memory.
 */
export function createConvolution(shape: ConvolutionShape, random: () => number): Layer {
  const { inChannels, length, outChannels, kernel } = shape;
  const inner = inChannels * kernel;
  const columns = convolutionLength(shape);
  const weights = initial(outChannels * inner, inner, random);
  const biases = new Float32Array(outChannels);
  const gradients = [new Float32Array(weights.length), new Float32Array(outChannels)] as const;
  const patches = new Float32Array(inner * columns);
  const output = new Float32Array(outChannels * columns);
  const patchBack = new Float32Array(columns);
  const back = new Float32Array(inChannels * length);
  return {
    parameters: [weights, biases],
    gradients: [...gradients],
    forward(input) {
      for (let row = 0; row < inner; row += 1)
        eachTap(shape, row, (from, column) => {
          patches[row * columns + column] = at(input, from);
        });
      multiply(weights, patches, output, { rows: outChannels, inner, columns }, biases);
      return output;
    },
    backward(gradient) {
      for (let out = 0; out < outChannels; out += 1) {
        let sum = 0;
        for (let column = 0; column < columns; column += 1) sum += at(gradient, out * columns + column);
        gradients[1][out] = at(gradients[1], out) + sum;
        for (let row = 0; row < inner; row += 1) {
          const slope = dot(gradient, out * columns, patches, row * columns, columns);
          gradients[0][out * inner + row] = at(gradients[0], out * inner + row) + slope;
        }
      }
      // The first layer's input is the signal, and nobody asks for its gradient.
      if (inChannels === 1) return back;
      back.fill(0);
      for (let row = 0; row < inner; row += 1) {
        patchBack.fill(0);
        for (let out = 0; out < outChannels; out += 1) {
          addScaled(patchBack, 0, gradient, out * columns, at(weights, out * inner + row), columns);
        }
        eachTap(shape, row, (from, column) => {
          back[from] = at(back, from) + at(patchBack, column);
        });
      }
      return back;
    },
  };
}

/** Visits the input index of every output column for one kernel tap; taps that fall on padding are left out. */
function eachTap(shape: ConvolutionShape, row: number, visit: (from: number, column: number) => void): void {
  const channelStart = Math.floor(row / shape.kernel) * shape.length;
  const shift = (row % shape.kernel) - padding(shape.kernel);
  const columns = convolutionLength(shape);
  for (let column = 0; column < columns; column += 1) {
    const index = column * shape.stride + shift;
    if (index >= 0 && index < shape.length) visit(channelStart + index, column);
  }
}

function dot(left: Float32Array, leftStart: number, right: Float32Array, rightStart: number, count: number): number {
  let sum = 0;
  for (let index = 0; index < count; index += 1) sum += at(left, leftStart + index) * at(right, rightStart + index);
  return sum;
}
