import type { Phase } from '@flotilla/protocol';
import type { GlyphName } from '../../status/glyph.tsx';
import type { Tone } from '../../status/types.ts';

/** Where an agent's own upgrade stands, in words. */
export const UPGRADE_WORDS: Record<Phase, { glyph: GlyphName; tone: Tone; word: string }> = {
  idle: { glyph: 'ring', tone: 'quiet', word: 'nothing under way' },
  accepted: { glyph: 'pie', tone: 'progress', word: 'accepted' },
  downloading: { glyph: 'pie', tone: 'progress', word: 'downloading' },
  verifying: { glyph: 'pie', tone: 'progress', word: 'checking its digest' },
  staging: { glyph: 'pie', tone: 'progress', word: 'unpacking' },
  proving: { glyph: 'pie', tone: 'progress', word: 'trying it beside the one in service' },
  switching: { glyph: 'pie', tone: 'progress', word: 'taking over' },
  observing: { glyph: 'hourglass', tone: 'progress', word: 'running on trial' },
  active: { glyph: 'check', tone: 'ok', word: 'runs, confirmed' },
  failed: { glyph: 'square-x', tone: 'critical', word: 'not taken' },
  reverting: { glyph: 'turn-back', tone: 'attention', word: 'going back' },
  reverted: { glyph: 'turn-back', tone: 'critical', word: 'went back to the one before' },
  superseded: { glyph: 'struck-ring', tone: 'quiet', word: 'given up' },
};

/** Phases after which nothing more happens by itself, unless the reason says that it is tried again. */
const RESTING: readonly Phase[] = ['idle', 'active', 'failed', 'reverted', 'superseded'];

export function isUnderWay(report: { phase?: Phase | undefined; reason?: { retry: string } | undefined }): boolean {
  const { phase = 'idle', reason } = report;
  return !RESTING.includes(phase) || ((phase === 'failed' || phase === 'reverted') && reason?.retry !== 'never');
}
