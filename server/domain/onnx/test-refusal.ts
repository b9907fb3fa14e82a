import { OnnxFormatError } from './errors.ts';
import { readOnnx } from './read-onnx.ts';
import { sourceOf } from './test-encoder.ts';

/** The refusal of a file, or undefined when it is read. Anything but an OnnxFormatError fails the test. */
export async function refusal(bytes: Uint8Array | number[]): Promise<OnnxFormatError | undefined> {
  try {
    await readOnnx(sourceOf(bytes instanceof Uint8Array ? bytes : Uint8Array.from(bytes)));
    return undefined;
  } catch (error) {
    if (error instanceof OnnxFormatError) return error;
    throw error;
  }
}
