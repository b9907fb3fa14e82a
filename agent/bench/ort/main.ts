import { argv } from 'node:process';
import { compare } from './compare.ts';
import { oneCore, quota, type SmallMachine, wholeMachine } from './small-machine.ts';

/** `main.ts [ROUNDS]`: the runner's settings against ONNX Runtime's defaults; prints each comparison as a line of JSON. */

const rounds = Number(argv[2] ?? 8);
const makers: (() => SmallMachine | null)[] = [wholeMachine, oneCore, () => quota(1), () => quota(0.5)];
for (const make of makers) {
  const machine = make();
  if (!machine) {
    console.error('a quota is left out: it needs root and control groups');
    continue;
  }
  try {
    for (const model of ['tiny', 'large'] as const) console.log(JSON.stringify(await compare(machine, model, rounds)));
  } finally {
    await machine.remove();
  }
}
