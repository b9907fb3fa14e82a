import { ABSENT, NBSP, quantityParts, type Unit } from './format.ts';
import classes from './quantity.module.css';

type QuantityProps = {
  value: number | null | undefined;
  unit: Unit;
  /** Fixed decimals, for columns that must line up. */
  digits?: number;
  /** Writes a plus before a gain. */
  signed?: boolean;
  /** The new or the current value: in ink and medium weight. */
  isStrong?: boolean;
  /** The value it is compared with: dimmed. */
  isDim?: boolean;
  /** Why there is no value, if it is known: "no sensor". */
  absent?: string;
};

/** A number with its unit small and grey; absent reads as words, never as zero. */
export function Quantity({ value, unit, digits, signed, isStrong, isDim, absent = ABSENT }: QuantityProps) {
  const parts = quantityParts(value, unit, { digits, signed });
  if (parts === null) return <span className={classes.absent}>{absent}</span>;
  return (
    <span className={classes.quantity} data-strong={isStrong} data-dim={isDim}>
      {parts.number}
      {parts.unit !== '' && <span className={classes.unit}>{`${NBSP}${parts.unit}`}</span>}
    </span>
  );
}
