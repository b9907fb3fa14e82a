'use client';

import { TagsInput, type TagsInputProps } from '@mantine/core';
import classes from './label-input.module.css';

type LabelInputProps = Pick<
  TagsInputProps,
  'label' | 'aria-label' | 'description' | 'value' | 'onChange' | 'error' | 'autoFocus'
> & {
  /** Takes the focus when the dialog around it opens. */
  'data-autofocus'?: boolean;
};

/** A field for key=value labels: Enter, comma or a space ends one, Backspace takes the last one back. */
export function LabelInput(props: LabelInputProps) {
  return (
    <TagsInput
      placeholder="site=oslo"
      splitChars={[',', ' ']}
      acceptValueOnBlur
      classNames={{ inputField: classes.field ?? '', pill: classes.pill ?? '' }}
      {...props}
    />
  );
}
