import { describe, expect, it } from 'vitest';
import type { GlyphName } from './glyph.tsx';
import { statusEntry, statusValues } from './registry.ts';
import type { StatusAxis, Tone } from './types.ts';

const AXES: StatusAxis[] = [
  'connectivity',
  'health',
  'update',
  'rollout',
  'wave',
  'deployment',
  'token',
  'severity',
  'alert',
  'delivery',
];

/** Colour never carries meaning alone: a loud tone keeps to shapes that a calm one never has. */
const SHAPES: Record<Tone, GlyphName[]> = {
  ok: ['dot', 'check'],
  quiet: ['ring', 'clock', 'hourglass', 'check', 'struck-ring', 'square-x', 'turn-back'],
  progress: ['pie', 'hourglass'],
  attention: ['triangle', 'diamond', 'bars', 'hourglass', 'turn-back'],
  critical: ['octagon', 'square-x', 'turn-back'],
  unknown: ['dashed-ring', 'struck-ring', 'clock'],
};

describe.each(AXES)('%s', (axis) => {
  const entries = statusValues(axis).map((value) => ({ value, ...statusEntry(axis, value) }));

  it.each(entries)('$value keeps to the shapes of its tone', ({ glyph, tone }) =>
    expect(SHAPES[tone]).toContain(glyph),
  );

  it('gives every status its own word and one sentence', () => {
    expect(new Set(entries.map((entry) => entry.word)).size).toBe(entries.length);
    for (const entry of entries) expect(entry.description).toMatch(/^[A-Z].*\.$/);
  });
});
