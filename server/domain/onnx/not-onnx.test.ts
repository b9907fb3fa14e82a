import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readOnnx } from './read-onnx.ts';
import { smallModel } from './test-encoder.ts';
import { refusal } from './test-refusal.ts';

const ascii = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
const zeros = (count: number) => new Array<number>(count).fill(0);

describe('files that are not whole', () => {
  it('tells every shorter beginning of a model from a whole one', async () => {
    for (let length = 0; length < smallModel.length; length += 1) {
      const error = await refusal(smallModel.slice(0, length));
      expect(error?.code, `${length} bytes`).toBe(length < 2 ? 'not_onnx' : 'truncated');
    }
    expect(await refusal(smallModel)).toBeUndefined();
  });

  it('says where a file of weights was cut', async () => {
    const whole = readFileSync(new URL('../../../agent/demo-models/vibration-fault-2.0.0.onnx', import.meta.url));
    const error = await refusal(whole.subarray(0, 50_000));
    expect(error?.code).toBe('truncated');
    expect(error?.message).toMatch(/begins at byte \d+ would end at byte \d+, but the file ends at byte 50000/);
  });

  it('notices a source that ends before its stated size', async () => {
    const read = async (offset: number) => smallModel.slice(offset, 20);
    await expect(readOnnx({ sizeBytes: smallModel.length, read })).rejects.toMatchObject({ code: 'truncated' });
  });
});

describe('files of other formats', () => {
  it.each([
    ['PyTorch checkpoint', [...ascii('PK\x03\x04'), ...zeros(26), ...ascii('archive/data.pkl')]],
    ['zip archive', [...ascii('PK\x03\x04'), ...zeros(26), ...ascii('readme.txt')]],
    ['pickle', [0x80, 0x02, 0x63, 0x00]],
    ['PNG', ascii('\x89PNG\r\n\x1a\n')],
    ['text file', ascii('epoch,loss\n1,0.5\n')],
    ['text file', ascii(': this begins with the tag of a graph')],
    ['Git LFS', ascii('version https://git-lfs.github.com/spec/v1\noid sha256:0\n')],
    ['TensorFlow Lite', [0x1c, 0, 0, 0, ...ascii('TFL3')]],
    ['SavedModel', [0x08, 0x01, 0x12, 0xff, 0x7f, ...zeros(0x3fff)]],
    ['safetensors', [0x40, 0, 0, 0, 0, 0, 0, 0, ...ascii('{"w":1}')]],
    ['empty', []],
  ])('are called by their name: %s', async (name, bytes) => {
    const error = await refusal(bytes);
    expect(error?.code).toBe('not_onnx');
    expect(error?.message).toContain(name);
  });
});
