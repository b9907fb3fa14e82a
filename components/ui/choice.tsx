'use client';

import { Input, SegmentedControl } from '@mantine/core';
import { useId } from 'react';
import classes from './choice.module.css';

export type ChoiceOption<T extends string> = { value: T; label: string; disabled?: boolean };

type ChoiceProps<T extends string> = {
  label: string;
  value: T;
  options: readonly ChoiceOption<T>[];
  onChange: (value: T) => void;
  /** As wide as its place instead of as its words. */
  isWide?: boolean;
};

/** One of a few, all in sight, as a field of a form. */
export function Choice<T extends string>({ label, value, options, onChange, isWide = false }: ChoiceProps<T>) {
  const id = useId();
  return (
    <Input.Wrapper label={label} labelElement="div" labelProps={{ id }}>
      <SegmentedControl
        className={classes.segments ?? ''}
        fullWidth={isWide}
        withItemsBorders={false}
        aria-labelledby={id}
        value={value}
        onChange={(next) => onChange(next as T)}
        data={[...options]}
      />
    </Input.Wrapper>
  );
}
