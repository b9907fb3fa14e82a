import type { Phase } from '@flotilla/protocol';
import type { EventRow } from '@/server/queries/device-events.ts';
import type { GlyphName } from '../../status/glyph.tsx';
import type { Tone } from '../../status/types.ts';
import { UPGRADE_WORDS } from './upgrade-words.ts';

/** An event as a line: its shape, what happened, and what is known beside it. */
export type EventWords = { glyph: GlyphName; tone: Tone; title: string; detail: string | null };

const PHASES: Record<Phase, { glyph: GlyphName; tone: Tone; title: (release: string) => string }> = {
  idle: { glyph: 'ring', tone: 'quiet', title: () => 'Serves nothing' },
  accepted: { glyph: 'pie', tone: 'progress', title: (release) => `Accepted ${release}` },
  downloading: { glyph: 'pie', tone: 'progress', title: (release) => `Began to download ${release}` },
  verifying: { glyph: 'pie', tone: 'progress', title: (release) => `Downloaded ${release}, checks it` },
  staging: { glyph: 'pie', tone: 'progress', title: (release) => `Loads ${release} beside the one in service` },
  proving: { glyph: 'pie', tone: 'progress', title: (release) => `Proves ${release} on its own hardware` },
  switching: { glyph: 'pie', tone: 'progress', title: (release) => `Switches to ${release}` },
  observing: { glyph: 'hourglass', tone: 'progress', title: (release) => `Serves ${release} and watches it` },
  active: { glyph: 'check', tone: 'ok', title: (release) => `Activated ${release}` },
  failed: { glyph: 'square-x', tone: 'critical', title: (release) => `Did not take ${release}` },
  reverting: { glyph: 'turn-back', tone: 'attention', title: (release) => `Goes back from ${release}` },
  reverted: { glyph: 'turn-back', tone: 'critical', title: (release) => `Went back from ${release}` },
  superseded: { glyph: 'struck-ring', tone: 'quiet', title: (release) => `Gave up ${release} for a newer one` },
};

function releaseName({ release }: EventRow): string {
  return release ? `${release.modelName} ${release.version}` : 'a release';
}

/** What happened, in the words of the device's page. */
export function eventWords(row: EventRow): EventWords {
  const { event, sentence } = row;
  const detail = event.reason?.detail || event.message || sentence;
  switch (row.kind) {
    case 'phase': {
      if (!event.to) break;
      const { glyph, tone, title } = PHASES[event.to];
      return { glyph, tone, title: title(releaseName(row)), detail };
    }
    case 'refused':
      return { glyph: 'diamond', tone: 'attention', title: 'Refused a document', detail: sentence ?? detail };
    case 'runner':
      return { glyph: 'triangle', tone: 'attention', title: `The runner of ${releaseName(row)} stopped`, detail };
    case 'upgrade': {
      if (!event.to || !event.upgrade) break;
      const { glyph, tone } = PHASES[event.to];
      const { word } = UPGRADE_WORDS[event.to];
      return { glyph, tone, title: `Agent ${event.upgrade.to}: ${word}`, detail: sentence ?? detail };
    }
    case 'agent': {
      const lost = event.dropped ? `${event.dropped} spooled messages were dropped` : null;
      return { glyph: 'ring', tone: 'quiet', title: 'The agent started', detail: lost ?? detail };
    }
  }
  return { glyph: 'ring', tone: 'quiet', title: event.message ?? row.kind, detail: sentence };
}
