'use client';

import { NativeSelect } from '@mantine/core';
import type { ChoiceOption } from '../../ui/choice.tsx';

type PickOneProps<T extends string> = {
  label: string;
  isLabelHidden?: boolean;
  value: T;
  options: readonly ChoiceOption<T>[];
  onChange: (value: T) => void;
};

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
