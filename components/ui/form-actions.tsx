import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Failure } from './failure.tsx';
import { ForbiddenTooltip } from './forbidden-tooltip.tsx';
import classes from './form-actions.module.css';

type FormActionsProps = {
  /** The button, with its verb and count. */
  label: string;
  /** What it does, while and after it does. */
  action: { isPending: boolean; error: unknown };
  /** Why nobody of this role may. */
  forbidden?: string | null;
  isDisabled?: boolean;
  /** Beside the button: what it will do. */
  children?: ReactNode;
};

/** The end of a form: its one button, and why it was refused. */
export function FormActions({ label, action, forbidden = null, isDisabled = false, children }: FormActionsProps) {
  return (
    <div className={classes.actions}>
      <ForbiddenTooltip reason={forbidden}>
        {(isForbidden) => (
          <Button type="submit" variant="filled" disabled={isForbidden || isDisabled} loading={action.isPending}>
            {label}
          </Button>
        )}
      </ForbiddenTooltip>
      {children}
      <Failure of={action.error} />
    </div>
  );
}
