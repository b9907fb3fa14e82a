import type { AxisRegistry } from './registry-entry.ts';

const severity: AxisRegistry<'severity'> = {
  critical: { glyph: 'octagon', word: 'Critical', tone: 'critical', description: 'Somebody should look at it now.' },
  attention: {
    glyph: 'triangle',
    word: 'Attention',
    tone: 'attention',
    description: 'Somebody should look at it today.',
  },
  notice: { glyph: 'ring', word: 'Notice', tone: 'quiet', description: 'Good to know; nothing is broken.' },
};

const alert: AxisRegistry<'alert'> = {
  firing: {
    glyph: 'triangle',
    word: 'Firing',
    tone: 'attention',
    description: 'It holds now, and nobody has taken it on.',
  },
  acknowledged: {
    glyph: 'hourglass',
    word: 'Acknowledged',
    tone: 'progress',
    description: 'It holds now, and somebody is on it.',
  },
  resolved: { glyph: 'check', word: 'Resolved', tone: 'quiet', description: 'It is over.' },
};

const delivery: AxisRegistry<'delivery'> = {
  waiting: {
    glyph: 'clock',
    word: 'Waiting',
    tone: 'quiet',
    description: 'Not taken yet; it is tried again by itself.',
  },
  sent: { glyph: 'check', word: 'Sent', tone: 'ok', description: 'The other side took it.' },
  dead: {
    glyph: 'square-x',
    word: 'Given up',
    tone: 'critical',
    description: 'It was refused too often. Send it again by hand.',
  },
};

/** The axes of alerts. */
export const alertAxes = { severity, alert, delivery };
