import type { ReactNode } from 'react';
import classes from './glyph.module.css';

const CROSS = (
  <path d="M4.9 4.9l4.2 4.2M9.1 4.9l-4.2 4.2" stroke="var(--on-mark)" strokeWidth="1.5" strokeLinecap="round" />
);
const RING = { cx: 7, cy: 7, r: 4.6, fill: 'none', stroke: 'currentColor', strokeWidth: 1.4 };
const LINE = {
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth: 1.3,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
} as const;

const SHAPES = {
  dot: <circle cx="7" cy="7" r="3.25" fill="currentColor" />,
  check: <path d="M3 7.4l2.7 2.7L11 4.4" {...LINE} strokeWidth={1.6} />,
  triangle: (
    <>
      <path d="M7 1.6 13 12H1z" fill="currentColor" stroke="currentColor" strokeLinejoin="round" />
      <path d="M7 5.4v3.1M7 10.2v.4" stroke="var(--on-mark)" strokeWidth="1.4" strokeLinecap="round" />
    </>
  ),
  diamond: <path d="M7 1.8 12.2 7 7 12.2 1.8 7z" {...LINE} strokeWidth={1.4} />,
  bars: <path d="M4.7 3v8M9.3 3v8" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" />,
  octagon: (
    <>
      <path d="M4.5 1h5L13 4.5v5L9.5 13h-5L1 9.5v-5z" fill="currentColor" />
      {CROSS}
    </>
  ),
  'square-x': (
    <>
      <rect x="1.5" y="1.5" width="11" height="11" rx="2.5" fill="currentColor" />
      {CROSS}
    </>
  ),
  'turn-back': <path d="M5 2.8 2.3 5.5 5 8.2M2.6 5.5H8.4a3 3 0 0 1 0 6H5" {...LINE} strokeWidth={1.5} />,
  'dashed-ring': <circle {...RING} strokeDasharray="2.4 2.4" />,
  'struck-ring': (
    <>
      <circle {...RING} />
      <path d="M3.8 10.2l6.4-6.4" stroke="currentColor" strokeWidth="1.4" />
    </>
  ),
  ring: <circle {...RING} />,
  pie: (
    <>
      <circle {...RING} r={5.2} />
      <path d="M7 7V4.1A2.9 2.9 0 0 1 8.99 9.11z" fill="currentColor" />
    </>
  ),
  hourglass: (
    <path d="M3.5 2h7M3.5 12h7M4.3 2c0 3 2.7 3.5 2.7 5s-2.7 2-2.7 5M9.7 2c0 3-2.7 3.5-2.7 5s2.7 2 2.7 5" {...LINE} />
  ),
  clock: (
    <>
      <circle {...RING} r={4.8} strokeWidth={1.3} />
      <path d="M7 4.6V7l1.7 1.2" {...LINE} />
    </>
  ),
} satisfies Record<string, ReactNode>;

/** The names of the status shapes. */
export type GlyphName = keyof typeof SHAPES;

/** A status shape, 14 px, in the colour of its text. Decoration: a word always stands beside it. */
export function Glyph({ name }: { name: GlyphName }) {
  return (
    <svg className={classes.glyph} viewBox="0 0 14 14" aria-hidden="true" data-glyph={name}>
      {SHAPES[name]}
    </svg>
  );
}
