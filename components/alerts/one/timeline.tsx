import type { AlertPage } from '@/server/queries/alerts.ts';
import type { GlyphName } from '../../status/glyph.tsx';
import { ToneGlyph } from '../../status/status.tsx';
import type { Tone } from '../../status/types.ts';
import { Section } from '../../ui/section.tsx';
import { Clock } from '../../ui/time.tsx';
import { eventWords } from '../alert-words.ts';
import classes from './timeline.module.css';

type Event = AlertPage['events'][number];

const LOOKS: Record<Event['kind'], { glyph: GlyphName; tone: Tone }> = {
  fired: { glyph: 'triangle', tone: 'attention' },
  grew: { glyph: 'triangle', tone: 'attention' },
  shrank: { glyph: 'dot', tone: 'ok' },
  acknowledged: { glyph: 'hourglass', tone: 'progress' },
  noted: { glyph: 'ring', tone: 'quiet' },
  resolved: { glyph: 'check', tone: 'ok' },
  muted: { glyph: 'struck-ring', tone: 'unknown' },
  unmuted: { glyph: 'ring', tone: 'quiet' },
};

/** What happened to an alert, newest first. */
export function Timeline({ events }: Pick<AlertPage, 'events'>) {
  return (
    <Section title="Timeline" sentence="newest first" isNested>
      <ol className={classes.list}>
        {events.map((event) => (
          <li key={event.id} className={classes.event}>
            <ToneGlyph {...LOOKS[event.kind]} word={event.kind} />
            <p>
              <b>{event.actorName ?? (event.actorKind === 'api-key' ? 'An API key' : 'The rule')}</b>{' '}
              {eventWords(event)}
            </p>
            <span className={classes.at}>
              <Clock at={event.at} style="minute" />
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
