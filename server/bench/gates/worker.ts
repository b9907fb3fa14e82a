import { parentPort } from 'node:worker_threads';
import { scenarios } from './scenarios.ts';
import { bakeMany } from './simulate.ts';

/** A part of a scenario's bakes. The seed is its own, so that the same number comes out on any machine. */
export type Part = { name: string; times: number; seed: number };

parentPort?.on('message', ({ name, times, seed }: Part) => {
  const scenario = scenarios.find((each) => each.name === name);
  if (!scenario) throw new Error(`no scenario ${name}`);
  parentPort?.postMessage(bakeMany(scenario.bake, times, seed));
});
