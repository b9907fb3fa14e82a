import classes from './gate-scale.module.css';
import { type Gate, placeGate } from './prepare/gate.ts';

type GateScaleProps = Gate & {
  /** The candidate's colour. */
  color: string;
  /** The sample is too small to judge: drawn hollow and dashed. */
  isIdle?: boolean;
  /** The same in words: "−18.5 %, from −20.1 to −16.8, limit +10 %". */
  label: string;
};

/** A gate on a line: the value and its interval against the limit; what lies right of the limit is a breach. */
export function GateScale({ color, isIdle, label, ...gate }: GateScaleProps) {
  const { value, low, high } = placeGate(gate);
  const hasInterval = gate.low !== undefined && gate.high !== undefined;
  return (
    <span className={classes.scale} data-idle={isIdle} role="img" aria-label={label} style={{ '--entity': color }}>
      <i className={classes.limit} />
      {hasInterval && (
        <i className={classes.interval} style={{ left: `${low * 100}%`, width: `${(high - low) * 100}%` }} />
      )}
      <i className={classes.value} style={{ left: `${value * 100}%` }} />
    </span>
  );
}

/** The head of a column of gate scales. */
export function GateScaleHead() {
  return (
    <span className={classes.head} title="Each row is scaled by itself; all share the limit's line.">
      <span>better</span>
      <span className={classes.breach}>breach</span>
    </span>
  );
}
