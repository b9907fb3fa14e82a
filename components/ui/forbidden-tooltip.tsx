'use client';

import { Tooltip } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import classes from './forbidden-tooltip.module.css';

type ForbiddenTooltipProps = {
  /** Why the action is not allowed; nothing when it is. */
  reason: string | null | undefined;
  /** Gets whether to be disabled. */
  children: (isDisabled: boolean) => ReactNode;
};

/** A forbidden action stays in its place, disabled, and says why on hover, focus and to screen readers. */
export function ForbiddenTooltip({ reason, children }: ForbiddenTooltipProps) {
  const id = useId();
  if (!reason) return children(false);
  return (
    <Tooltip label={reason} events={{ hover: true, focus: true, touch: true }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a disabled button takes no focus, and its reason must be reachable */}
      <span className={classes.wrap} tabIndex={0} role="note" aria-describedby={id}>
        {children(true)}
        <span id={id} className={classes.reason}>
          {reason}
        </span>
      </span>
    </Tooltip>
  );
}
