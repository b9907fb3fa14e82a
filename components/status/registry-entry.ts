import type { GlyphName } from './glyph.tsx';
import type { StatusAxis, StatusValues, Tone } from './types.ts';

/** How the console knows one status: its shape, its word, how loud it is, and what it means in one sentence. */
export type StatusEntry = { glyph: GlyphName; word: string; tone: Tone; description: string };

/** Every status of one axis; a new value does not compile until it stands here. */
export type AxisRegistry<A extends StatusAxis> = Record<StatusValues[A], StatusEntry>;
