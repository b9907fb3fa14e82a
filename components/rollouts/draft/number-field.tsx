'use client';

import { NumberInput } from '@mantine/core';
import type { Field } from './field.ts';

type NumberFieldProps = {
  label: string;
  /** The label goes to screen readers only: a column head says it. */
  isLabelHidden?: boolean;
  description?: string;
  unit?: string;
  placeholder?: string;
  value: Field;
  onChange: (value: Field) => void;
  error?: string | null | undefined;
  /** Marked without words: they stand elsewhere. */
  isWrong?: boolean;
  step?: number;
  /** A change may be one for the worse. */
  canBeNegative?: boolean;
  isDisabled?: boolean;
};

/** A number with its unit inside the field; empty is a value of its own. */
export function NumberField(props: NumberFieldProps) {
  const {
    label,
    isLabelHidden,
    description,
    unit,
    placeholder,
    value,
    onChange,
    error,
    isWrong = false,
    step = 1,
    canBeNegative = false,
    isDisabled = false,
  } = props;
  return (
    <NumberInput
      {...(isLabelHidden ? { 'aria-label': label } : { label })}
      {...(description !== undefined && { description })}
      {...(placeholder !== undefined && { placeholder })}
      {...(unit !== undefined && { suffix: ` ${unit}` })}
      value={value ?? ''}
      onChange={(next) => onChange(typeof next === 'number' && Number.isFinite(next) ? next : null)}
      error={error ?? isWrong}
      step={step}
      hideControls
      allowNegative={canBeNegative}
      disabled={isDisabled}
      thousandSeparator=","
    />
  );
}
