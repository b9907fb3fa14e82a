import { describe, expect, it } from 'vitest';
import { ModelName, VersionName } from '@/server/domain/names.ts';
import { guessNames, guessRole } from './guess-files.ts';

describe('what a chosen file is', () => {
  it.each([
    ['vibration-fault-2.0.0.onnx', 'model'],
    ['Model.ONNX', 'model'],
    ['vibration-fault-2.0.0.golden.json', 'golden'],
    ['golden_inputs.json', 'golden'],
    ['labels.json', 'labels'],
    ['sets/labels.json', 'labels'],
    ['old-labels.json', 'external-data'],
    ['weights.bin', 'external-data'],
    ['reference-profile.json', 'reference'],
    ['training-samples.csv', 'samples'],
    ['calibration.csv', 'calibration'],
    ['reference.onnx_data', 'external-data'],
    ['model.onnx_data', 'external-data'],
  ])('takes %s for %s', (path, role) => expect(guessRole(path)).toBe(role));
});

describe('what a model file calls itself', () => {
  it.each([
    ['vibration-fault-2.0.0.onnx', 'vibration-fault', '2.0.0'],
    ['resnet50-v1.5.onnx', 'resnet50', '1.5'],
    ['yolo_v8.onnx', 'yolo', '8'],
    ['detector.onnx', 'detector', ''],
    ['Bottle Cap Detector-3.1.0-rc.1.onnx', 'bottle-cap-detector', '3.1.0-rc.1'],
    ['export/press-1.0.onnx', 'press', '1.0'],
  ])('reads %s as %s %s', (path, model, version) => expect(guessNames(path)).toEqual({ model, version }));

  it('gives names that the registry takes, or none', () => {
    for (const path of ['___.onnx', '-1.onnx', 'Ünï-2.onnx', `${'x'.repeat(90)}-1.onnx`]) {
      const { model, version } = guessNames(path);
      expect(model === '' || ModelName.safeParse(model).success, `${path} gave ${model}`).toBe(true);
      expect(version === '' || VersionName.safeParse(version).success, `${path} gave ${version}`).toBe(true);
    }
  });
});
