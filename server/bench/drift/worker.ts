import { parentPort } from 'node:worker_threads';
import { randomOf } from '../gates/random.ts';
import { type Course, simulateCourses } from './simulate.ts';

/** Courses that share a reference. The seed is their own, so that the same numbers come out on any machine. */
export type Part = { course: Course; times: number; seed: number };

parentPort?.on('message', ({ course, times, seed }: Part) => {
  parentPort?.postMessage(simulateCourses(times, course, randomOf(seed)));
});
