import { expect, it } from 'vitest';
import { drawEvenly } from './draw-evenly.ts';

const list = (sizes: Record<string, number>) =>
  Object.entries(sizes).flatMap(([site, size]) => Array.from({ length: size }, (_, at) => ({ site, at })));
const siteOf = ({ site }: { site: string }) => site;

it('leaves a short list as it is', () => {
  const all = list({ a: 3, b: 2 });
  expect(drawEvenly(all, 5, siteOf)).toEqual(all);
});

it('draws of each group its share, each once, from its whole length', () => {
  const drawn = drawEvenly(list({ a: 600, b: 300, c: 100 }), 100, siteOf);
  const counts = Object.fromEntries([...Map.groupBy(drawn, siteOf)].map(([site, { length }]) => [site, length]));
  expect(counts).toEqual({ a: 60, b: 30, c: 10 });
  expect(new Set(drawn).size).toBe(100);
  expect(drawn.filter(({ site }) => site === 'a').at(-1)?.at).toBe(590);
});

it('forgets no group, however small', () => {
  expect(drawEvenly(list({ a: 1_000, b: 1 }), 10, siteOf).some(({ site }) => site === 'b')).toBe(true);
});
