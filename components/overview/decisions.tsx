'use client';

import Link from 'next/link';
import type { Overview } from '@/server/queries/overview.ts';
import type { GlyphName } from '../status/glyph.tsx';
import { ToneGlyph } from '../status/status.tsx';
import type { Tone } from '../status/types.ts';
import { Clock } from '../ui/time.tsx';
import { useClockText } from '../ui/use-now.ts';
import { useOrg } from '../ui/use-org.ts';
import classes from './decisions.module.css';

type Decision = Overview['decisions'][number];

/** A decision older than this shows its day instead of its time. */
const DAY_MS = 86_400_000;

/** How a kind of decision is drawn, and what its actor did. */
const KINDS: Record<string, { glyph: GlyphName; tone: Tone; verb: string }> = {
  create: { glyph: 'ring', tone: 'quiet', verb: 'planned' },
  start: { glyph: 'pie', tone: 'progress', verb: 'started' },
  resume: { glyph: 'pie', tone: 'progress', verb: 'resumed' },
  pause: { glyph: 'bars', tone: 'attention', verb: 'paused' },
  abort: { glyph: 'square-x', tone: 'quiet', verb: 'aborted' },
  'roll-back': { glyph: 'turn-back', tone: 'attention', verb: 'rolls back' },
  'start-wave': { glyph: 'pie', tone: 'progress', verb: 'began a wave of' },
  notify: { glyph: 'pie', tone: 'progress', verb: 'went on with' },
  'time-out': { glyph: 'triangle', tone: 'attention', verb: 'stopped waiting in' },
  'bake-wave': { glyph: 'hourglass', tone: 'progress', verb: 'bakes a wave of' },
  'pass-wave': { glyph: 'check', tone: 'ok', verb: 'passed a wave of' },
  'skip-wave': { glyph: 'struck-ring', tone: 'quiet', verb: 'passed over a wave of' },
  'fail-wave': { glyph: 'octagon', tone: 'critical', verb: 'failed a wave of' },
  'cancel-queued': { glyph: 'struck-ring', tone: 'quiet', verb: 'called back' },
  'create-rollback': { glyph: 'turn-back', tone: 'attention', verb: 'takes back' },
  finish: { glyph: 'check', tone: 'ok', verb: 'finished' },
};

const OTHER = { glyph: 'ring', tone: 'quiet', verb: 'decided on' } as const;

function actorOf({ actorKind, actorName }: Decision): string {
  if (actorKind === 'engine' || actorKind === 'system') return 'Engine';
  return actorName ?? (actorKind === 'api-key' ? 'An API key' : 'Somebody');
}

/** The newest decisions of all rollouts: who did what, and on which numbers. */
export function Decisions({ decisions }: { decisions: readonly Decision[] }) {
  if (decisions.length === 0) return <p className={classes.none}>None yet. They come with the first rollout.</p>;
  return (
    <ol>
      {decisions.map((decision) => (
        <DecisionLine key={decision.id} decision={decision} />
      ))}
    </ol>
  );
}

function DecisionLine({ decision }: { decision: Decision }) {
  const { at } = useOrg();
  const { glyph, tone, verb } = KINDS[decision.kind] ?? OTHER;
  const style = useClockText((nowMs) => (nowMs - decision.at.getTime() > DAY_MS ? 'day' : 'time'));
  return (
    <li className={classes.line}>
      <span className={classes.at}>
        <Clock at={decision.at} style={style === 'day' ? 'day' : 'time'} />
      </span>
      <ToneGlyph glyph={glyph} tone={tone} word={verb} />
      <span className={classes.what}>
        <b>{actorOf(decision)}</b> {verb} <Link href={at.rollout(decision.rolloutId)}>{decision.rolloutName}</Link>
      </span>
      <span className={classes.why}>{decision.message}</span>
    </li>
  );
}
