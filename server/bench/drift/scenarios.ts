import type { Course } from './simulate.ts';

/** `key` names a scenario in the figures. */
export type Scenario = { key: string; title: string; course: Course };

const day = { features: 8, perHour: 200, reference: 10_000, hours: 24 };
const alike = { ...day, perHour: 600 };
const learned = { ...alike, features: 4, reference: 'learned' as const };
const halfSigma = { hours: 72, drift: { shift: 0.5, spread: 1 } };

export const withoutDrift: readonly Scenario[] = [
  { key: 'plain', title: '8 features, 200 samples an hour', course: day },
  { key: 'single', title: '1 feature, 200 samples an hour', course: { ...day, features: 1 } },
  { key: 'few', title: '8 features, 50 samples an hour', course: { ...day, perHour: 50 } },
  { key: 'many', title: '4 features, 1,000 samples an hour', course: { ...day, features: 4, perHour: 1_000 } },
  { key: 'smallReference', title: '8 features, reference of 2,000', course: { ...day, reference: 2_000 } },
  { key: 'alike80', title: '8 features, each like the last (0.8)', course: { ...alike, likeness: 0.8 } },
  { key: 'alike90', title: '4 features, each like the last (0.9)', course: { ...alike, features: 4, likeness: 0.9 } },
  { key: 'alike95', title: '4 features, each like the last (0.95)', course: { ...alike, features: 4, likeness: 0.95 } },
  { key: 'learned80', title: '4 features, like the last (0.8), learned', course: { ...learned, likeness: 0.8 } },
  { key: 'learned95', title: '4 features, like the last (0.95), learned', course: { ...learned, likeness: 0.95 } },
];

export const withDrift: readonly Scenario[] = [
  {
    key: 'slightSigma',
    title: 'moved by 0.3 σ, 200 an hour',
    course: { ...day, hours: 72, drift: { shift: 0.3, spread: 1 } },
  },
  { key: 'halfSigma', title: 'moved by 0.5 σ, 200 an hour', course: { ...day, ...halfSigma } },
  {
    key: 'oneSigma',
    title: 'moved by 1 σ, 200 an hour',
    course: { ...day, hours: 72, drift: { shift: 1, spread: 1 } },
  },
  {
    key: 'wider',
    title: 'spread × 1.5, 200 an hour',
    course: { ...day, hours: 72, drift: { shift: 0, spread: 1.5 } },
  },
  {
    key: 'halfSigmaMany',
    title: 'moved by 0.5 σ, 1,000 an hour',
    course: { ...day, features: 4, perHour: 1_000, ...halfSigma },
  },
  {
    key: 'halfSigmaAlike80',
    title: 'moved by 0.5 σ, like the last (0.8)',
    course: { ...alike, likeness: 0.8, ...halfSigma },
  },
  {
    key: 'halfSigmaLearned80',
    title: 'moved by 0.5 σ, like the last (0.8), learned',
    course: { ...learned, likeness: 0.8, ...halfSigma },
  },
];
