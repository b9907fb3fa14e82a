import { join, resolve } from 'node:path';
import { MODEL } from './shared.ts';

const folder = resolve(import.meta.dirname, '../../agent/demo-models');

/** The files of a version of the demo model: 1.0.0 is useful, 2.0.0 better, 3.0.0 clearly worse. */
export function demoModel(version: string): { model: string; golden: string; labels: string } {
  const inFolder = (name: string) => join(folder, name);
  return {
    model: inFolder(`${MODEL}-${version}.onnx`),
    golden: inFolder(`${MODEL}-${version}.golden.json`),
    labels: inFolder('labels.json'),
  };
}
