'use client';

import { NativeSelect, SegmentedControl } from '@mantine/core';
import { useId } from 'react';
import classes from './fields.module.css';

type Option<T extends string> = { value: T; label: string };

type ChoiceProps<T extends string> = {
  label: string;
  value: T;
  options: readonly Option<T>[];
  onChange: (value: T) => void;
};

/** One of two or three, all in sight. */
export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  const id = useId();
  return (
    <div>
      <span className={classes.label} id={id}>
        {label}
      </span>
      <SegmentedControl
        className={classes.tall ?? ''}
        withItemsBorders={false}
        aria-labelledby={id}
        value={value}
        onChange={(next) => onChange(next as T)}
        data={[...options]}
      />
    </div>
  );
}

type PickOneProps<T extends string> = ChoiceProps<T> & { isLabelHidden?: boolean };

/** One of several, in a list of the browser's own. */
export function PickOne<T extends string>({ label, isLabelHidden, value, options, onChange }: PickOneProps<T>) {
  return (
    <NativeSelect
      {...(isLabelHidden ? { 'aria-label': label } : { label })}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as T)}
      data={[...options]}
    />
  );
}
