import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventMessage, Reported, Telemetry } from '@flotilla/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { compileCheck } from './compile-check.ts';

const fixtures = join(import.meta.dirname, '../../agent/protocol/fixtures/v1');
const fixture = (name: string): unknown => JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8'));
type Checked = z.ZodType<Telemetry | Reported | EventMessage>;
const kinds: [string, Checked][] = [
  ['telemetry', Telemetry],
  ['telemetry-monitored', Telemetry],
  ['telemetry-network', Telemetry],
  ['telemetry-unsure', Telemetry],
  ['reported', Reported],
  ['reported-agent', Reported],
  ['reported-inference', Reported],
  ['event', EventMessage],
  ['event-upgrade', EventMessage],
  ['events-together', EventMessage],
];

it.each(kinds)('tells %s at once', (name, schema) => {
  expect(compileCheck(schema)(fixture(name))).toBe(true);
});

/** Every path of a document, as the keys that lead there. */
function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  return [[...path], ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

/** The document with another value, or none, at one path. */
function changed(value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown {
  if (key === undefined) return to;
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = { ...value };
  if (rest.length === 0 && to === undefined) delete copy[key];
  else copy[key] = changed(copy[key], rest, to);
  return Array.isArray(value) ? Object.values(copy) : copy;
}

const others = fc.oneof(
  fc.constant(undefined),
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    'x'.repeat(200),
    new Array(100).fill(1),
    new Array(5_000).fill(0),
    -1,
    0,
    1.5,
    2 ** 60,
    1e300,
    '',
    'default',
    'a\0b',
    [],
    {},
    null,
    [1, 1],
    [1, 1, 2],
  ),
);

it.each(kinds)('never takes of %s what a parse refuses or changes, whatever is wrong where', (name, schema) => {
  const [right, isRight] = [fixture(name), compileCheck(schema)];
  fc.assert(
    fc.property(fc.constantFrom(...pathsOf(right), ['more']), others, (path, to) => {
      const document = changed(right, path, to);
      const parsed = schema.safeParse(document);
      const isSame = parsed.success && JSON.stringify(parsed.data) === JSON.stringify(document);
      if (isRight(document)) expect(isSame || sorted(parsed.data) === sorted(document)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

/** A parse may put known fields before others. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

it('leaves to a parse what it does not know', () => {
  const schema = z.object({
    at: z.string().transform((text) => text.trim()),
    kind: z.union([z.literal('a'), z.number()]),
  });
  const check = compileCheck(schema as unknown as z.ZodType<{ at: string; kind: 'a' | number }>);
  expect(check({ at: 'x', kind: 'a' })).toBe(true);
  expect(check({ at: ' x', kind: 'a' })).toBe(false);
  expect(check({ at: 'x', kind: 'b' })).toBe(false);
  expect(check({ at: 'x', kind: 1, more: 1 })).toBe(false);
  expect(compileCheck(z.object({ toString: z.custom() }))({ more: 1 })).toBe(false);
  expect(compileCheck(z.record(z.string(), z.number()))(JSON.parse('{"__proto__":1}'))).toBe(false);
});
