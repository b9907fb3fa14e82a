import type { ReactNode } from 'react';
import { entityColor } from './entity-color.ts';
import classes from './tags.module.css';

type VersionTagProps = {
  /** What the colour belongs to; the same id must be given on every page. */
  id: string;
  /** The version: "1.5.0". */
  name: ReactNode;
  /** Grey words after it: the model's name, a count. */
  note?: ReactNode;
};

/** A version: the square swatch in its own colour, and its name. A status never has a swatch. */
export function VersionTag({ id, name, note }: VersionTagProps) {
  return (
    <span className={classes.version}>
      <Swatch color={entityColor(id)} />
      {name}
      {note !== undefined && <span className={classes.note}>{note}</span>}
    </span>
  );
}

/** The square of an entity's colour alone, for legends. */
export function Swatch({ color }: { color: string }) {
  return <span className={classes.swatch} style={{ background: color }} aria-hidden="true" />;
}

type ReasonCodeProps = { code: string; tone?: 'critical' | 'attention' | 'quiet' };

/** A machine-readable reason ("proof.latency_p95"), as logs and the API spell it. */
export function ReasonCode({ code, tone = 'critical' }: ReasonCodeProps) {
  return (
    <code className={classes.code} data-tone={tone}>
      {code}
    </code>
  );
}
